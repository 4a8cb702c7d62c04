/** An event that is to be recorded. */
export interface OutboxRow {
  /** Its number; see `event_numbers.ts`. */
  readonly sequence: number;
  /** The event as JSON. */
  readonly event: string;
  readonly atMs: number;
  /** Whether it tells of a pull: those make room for others. */
  readonly isPull: boolean;
  /** The only endpoint that it is for. @default it is for all */
  readonly endpoint?: string;
}
