/** The flags that several commands share, and what they mean for a request. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type {Duration} from '../../src/gen/google/protobuf/duration.js';
import type {Timestamp} from '../../src/gen/google/protobuf/timestamp.js';
import {parseMoment, parseTtl} from './arguments.js';

// oclif fills an argument that is missing from stdin, unless each says ignoreStdin.
export const keyArg = Args.string({description: 'the key', required: true, ignoreStdin: true});

/** `-0`, as xargs and sort have it. oclif takes any character, but its types know only letters. */
export const zero = '0' as 'z';

export const namespaceFlag = {
  namespace: Flags.string({char: 'n', helpValue: 'NAME', description: 'the namespace; "default" if not given'}),
};

export const ifRevisionFlag = {
  'if-revision': Flags.string({helpValue: 'N', description: 'only if the revision of the entry is N; else exit 6'}),
};

export const returnPreviousFlag = {
  'return-previous': Flags.boolean({description: 'write the value that was there before to stdout'}),
};

export const outputFlag = {
  output: Flags.string({
    char: 'o',
    helpValue: 'FILE',
    description: 'write the exact bytes of the value to FILE; - is stdout, even where that is a terminal',
  }),
};

export const expiryFlags = {
  ttl: Flags.string({helpValue: 'DURATION', description: 'expire after DURATION: 5m, 1h30m, 250ms, or seconds'}),
  'expire-at': Flags.string({helpValue: 'MOMENT', description: 'expire at MOMENT, such as 2027-01-31T18:00:00Z'}),
  'no-expiry': Flags.boolean({description: 'never expire'}),
};

export interface Expiry {
  ttl?: Duration | undefined;
  expireTime?: Timestamp | undefined;
  noExpiry: boolean;
}

/** The fields of a request. That at most one is given is for the server to check. */
export function expiryOf(flags: {ttl?: string; 'expire-at'?: string; 'no-expiry': boolean}): Expiry {
  return {
    ttl: parseTtl('--ttl', flags.ttl),
    expireTime: parseMoment('--expire-at', flags['expire-at']),
    noExpiry: flags['no-expiry'],
  };
}
