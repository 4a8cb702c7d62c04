/**
 * Says to all threads of a process whether they write journals. They do while the process is the one
 * that sends the events of the outbox: it alone has journals then, and knows which of them ended.
 * Until then each thread writes to a database, which several processes can do.
 */
export class JournalSwitch {
  /** What all threads of the program share. */
  readonly shared: SharedArrayBuffer;
  readonly #isOn: Int32Array;

  constructor(shared: SharedArrayBuffer = new SharedArrayBuffer(4)) {
    this.shared = shared;
    this.#isOn = new Int32Array(shared);
  }

  get isOn(): boolean {
    return Atomics.load(this.#isOn, 0) === 1;
  }

  turn(state: "on" | "off"): void {
    Atomics.store(this.#isOn, 0, state === "on" ? 1 : 0);
  }
}
