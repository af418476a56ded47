/** What a soak wants to know of the server that it has in its own process. */
export interface Soaked {
  address: string;
  state(): SoakState | Promise<SoakState>;
  /** Walks the whole store; answers what the server has logged as its own fault. The last thing that is asked. */
  check(): string[] | Promise<string[]>;
}

export interface SoakState {
  rssBytes: number;
  heapBytes: number;
  cpuMs: number;
  connections: number;
  watchers: number;
  entries: number;
  evictions: number;
  expirations: number;
  /** Connections that were cut off for what the client did, by what it was; there should be none. */
  faults: Record<string, number>;
}
