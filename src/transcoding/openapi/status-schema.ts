/** A google.rpc.Status, with which every failure is told (see status.ts). */
import type {Schema} from './types.js';

export const statusName = 'google.rpc.Status';
export const statusReference: Schema = {$ref: `#/components/schemas/${statusName}`};

export const statusSchema: Schema = {
  type: 'object',
  description: 'Why a call failed (google.rpc.Status).',
  properties: {
    code: {type: 'integer', format: 'int32', description: 'A code of google.rpc.Code.'},
    message: {type: 'string', description: 'For people who develop.'},
    details: {
      type: 'array',
      description:
        'Messages, each with its type: a google.rpc.ErrorInfo with a stable `reason`, and for bad input a google.rpc.BadRequest that names the fields.',
      items: {type: 'object', properties: {'@type': {type: 'string'}}, required: ['@type']},
    },
  },
  required: ['code'],
};
