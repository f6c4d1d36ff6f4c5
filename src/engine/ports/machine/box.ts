/** The port on a worker's own loopback that leads to the way out. */
export const DOOR_PORT = 3128;

/** What a launch needs of the machine besides its argv: programs by name or path, files and folders to read, files to write, hosts to reach. */
export interface Needs {
  readonly programs: readonly string[];
  readonly read: readonly string[];
  readonly write: readonly string[];
  /** `host` or `host:port`, beside those that all may reach. */
  readonly hosts?: readonly string[];
}

/** The box that a run's agent lives in: it sees nothing but this. Paths are absolute, and the same inside and outside. */
export interface Box {
  /** A folder with the files of a whole system, which stands in the place of this machine's; null: this machine's own. */
  readonly system: string | null;
  /** Seen, and not written. */
  readonly read: readonly string[];
  /** Seen and written; none of them is a link. */
  readonly write: readonly string[];
  /** What stands at another place inside. */
  readonly as: readonly { readonly from: string; readonly to: string; readonly write: boolean }[];
  /** Files below what is written that stay as they are. */
  readonly sealed: readonly string[];
  /** What is /var/tmp inside. */
  readonly scratch: string;
  /** The home of the user inside. */
  readonly home: string;
  /** The folder with the socket of the way out; null: there is none. */
  readonly egress: string | null;
  /** Programs inside may make user namespaces of their own. */
  readonly nested: boolean;
}
