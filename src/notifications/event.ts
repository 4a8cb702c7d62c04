/**
 * An event: what happened in the registry, told to other programs.
 *
 * The fields, their names and their order are Distribution's, so that what reads its events reads
 * these. This file holds types alone; whoever emits an event gives an {@linkcode OperationEvent} to
 * an {@linkcode EventRecorder}, which adds the rest.
 *
 * What a recorder promises: when its promise has settled, the event survives the end of the
 * program. Events of one repository keep the order in which they were recorded.
 *
 * Source: reference of Distribution, "Notifications".
 *
 * @module
 */

import type { Descriptor } from "../oci/descriptor.ts";

/** What was done. */
export type EventAction = "pull" | "push" | "mount" | "delete";

/** What it was done to; a delete has neither media type nor size. */
export interface EventTarget {
  readonly mediaType: string;
  readonly size: number;
  /** Empty where a tag was deleted. */
  readonly digest: string;
  /** The size again, under its older name. */
  readonly length?: number;
  readonly repository: string;
  /** Where a blob was mounted from. */
  readonly fromRepository?: string;
  readonly url?: string;
  readonly tag?: string;
  /** What a manifest refers to, if that is configured. */
  readonly references?: readonly Descriptor[];
}

/** The request that did it. */
export interface RequestRecord {
  /** As in the log. */
  readonly id: string;
  readonly addr?: string;
  readonly host?: string;
  readonly method: string;
  readonly useragent: string;
}

/** What an operation tells of itself. */
export interface OperationEvent {
  readonly action: EventAction;
  readonly target: EventTarget;
  readonly request: RequestRecord;
  /** Who asked for it; empty for somebody unknown. */
  readonly actor: { readonly name?: string };
}

/** Who tells of it. */
export interface EventSource {
  /** Host name and port. */
  readonly addr: string;
  /** This start of the program, as in the log. */
  readonly instanceID: string;
}

/** A whole event, as it is sent. */
export interface RegistryEvent extends OperationEvent {
  /** A UUID; the same each time that the event is sent. */
  readonly id: string;
  /** RFC 3339. */
  readonly timestamp: string;
  readonly source: EventSource;
}

/** Takes events. */
export interface EventRecorder {
  /** Whether manifests shall tell what they refer to. */
  readonly includeReferences: boolean;
  /** Whether anybody wants to know; asked before an event is put together. */
  wants(action: EventAction, repository: string): boolean;
  /**
   * Records an event.
   * @throws {OutboxError} full, failed: only where such requests are to be refused
   */
  record(event: OperationEvent): Promise<void>;
}
