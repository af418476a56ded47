/** SETTINGS: what we tell the peer, and what it tells us (RFC 9113, section 6.5). */
import {limits} from '../base/index.js';
import {ConnectionFault} from './errors.js';
import {most31, readUint32} from './frame.js';

const ids = {
  headerTableSize: 0x1,
  enablePush: 0x2,
  maxConcurrentStreams: 0x3,
  initialWindowSize: 0x4,
  maxFrameSize: 0x5,
  maxHeaderListSize: 0x6,
} as const;

/** The largest frame that we send: what every peer must take. */
export const sentFrameBytesMost = 16_384;

/** Windows begin at this, until something else is said. */
export const initialWindowBytes = 65_535;

/** What we promise. The header table and the frame size stay as they are by default. */
export const ourSettings: readonly (readonly [number, number])[] = [
  [ids.maxConcurrentStreams, limits.wireStreamsMost],
  [ids.initialWindowSize, limits.wireStreamWindowBytes],
  [ids.maxHeaderListSize, limits.wireHeaderListBytesMost],
];

export class PeerSettings {
  headerTableBytes = 4096;
  /** Of each stream, for what we send. */
  initialWindowBytes = initialWindowBytes;

  /** Takes the payload of a SETTINGS frame. Unknown settings are none of our business. */
  read(bytes: Uint8Array, start: number, end: number): void {
    if ((end - start) % 6 !== 0) throw new ConnectionFault('FRAME_SIZE_ERROR', 'SETTINGS have six bytes each');
    for (let at = start; at < end; at += 6) {
      this.#set((bytes[at]! << 8) | bytes[at + 1]!, readUint32(bytes, at + 2));
    }
  }

  #set(id: number, value: number): void {
    switch (id) {
      case ids.headerTableSize:
        this.headerTableBytes = value;
        return;
      case ids.enablePush:
        if (value > 1) throw new ConnectionFault('PROTOCOL_ERROR', 'SETTINGS_ENABLE_PUSH is 0 or 1');
        return;
      case ids.initialWindowSize:
        if (value > most31)
          throw new ConnectionFault('FLOW_CONTROL_ERROR', 'SETTINGS_INITIAL_WINDOW_SIZE is too large');
        this.initialWindowBytes = value;
        return;
      case ids.maxFrameSize:
        if (value < 16_384 || value > 16_777_215) {
          throw new ConnectionFault('PROTOCOL_ERROR', 'SETTINGS_MAX_FRAME_SIZE is out of its range');
        }
        // Ours are never larger than what every peer must take.
        return;
    }
  }
}
