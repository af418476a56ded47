/**
 * An example of a call for each method of the contract, as the document shows it. All of
 * them work on a server that has `greeting` (hello) and `visits` (41), which a test does.
 */
import type {Example, Route} from '../../transcoding/index.js';

const revision = '1795323855914127';
const later = '2030-01-01T00:00:00Z';

const examples: Readonly<Record<string, Example>> = {
  Get: {
    request: {key: 'greeting'},
    response: {outcome: 'OUTCOME_HIT', entry: {value: 'aGVsbG8=', revision, contentType: 'text/plain'}},
  },
  Put: {
    request: {key: 'greeting', value: 'aGVsbG8=', ttl: '300s', contentType: 'text/plain'},
    response: {outcome: 'OUTCOME_STORED', revision, expireTime: later},
  },
  Delete: {request: {key: 'greeting'}, response: {outcome: 'OUTCOME_DELETED', revision}},
  Touch: {request: {key: 'greeting', ttl: '3600s'}, response: {outcome: 'OUTCOME_TOUCHED', expireTime: later}},
  Increment: {request: {key: 'visits', delta: '1'}, response: {value: '42', revision}},
  BatchGet: {
    request: {requests: [{key: 'greeting'}, {key: 'nothing'}]},
    response: {
      results: [
        {response: {outcome: 'OUTCOME_HIT', entry: {value: 'aGVsbG8=', revision}}},
        {response: {outcome: 'OUTCOME_MISS'}},
      ],
    },
  },
  BatchPut: {
    request: {
      requests: [
        {key: 'greeting', value: 'aGVsbG8='},
        {key: 'visits', value: 'MQ==', ttl: '60s'},
      ],
    },
    response: {
      results: [
        {response: {outcome: 'OUTCOME_STORED', revision}},
        {response: {outcome: 'OUTCOME_STORED', revision, expireTime: later}},
      ],
    },
  },
  BatchDelete: {
    request: {requests: [{key: 'greeting'}, {key: 'visits', ifRevision: '7'}]},
    response: {
      results: [
        {response: {outcome: 'OUTCOME_DELETED', revision}},
        {response: {outcome: 'OUTCOME_NOT_DELETED', revision}},
      ],
    },
  },
  BatchTouch: {
    request: {requests: [{key: 'greeting', ttl: '60s'}]},
    response: {results: [{response: {outcome: 'OUTCOME_TOUCHED', expireTime: later}}]},
  },
  Watch: {
    request: {targets: [{prefix: 'greet'}], initialState: true},
    response: {resumeToken: '2s3k.hmp0w4jz2j', created: {revision}},
  },
  List: {
    request: {prefix: 'greet', pageSize: 10},
    response: {entries: [{key: 'greeting', value: 'aGVsbG8=', revision}], nextPageToken: 'AAAAAAAAAAA'},
  },
  Purge: {request: {prefix: 'greet'}, response: {revision}},
  Explain: {
    request: {key: 'greeting'},
    response: {type: 'EVENT_TYPE_PUT', revision, changeTime: '2026-11-21T09:04:15.914Z', present: true},
  },
  GetStats: {
    request: {},
    response: {
      version: '0.1.0',
      revision,
      total: {entries: '2', maxEntries: '10000000', hits: '3', misses: '1', hitRatio: 0.75},
      namespaces: [{name: 'default', stats: {entries: '2'}, policy: 'lru'}],
      maxKeyBytes: 1024,
      maxValueBytes: 1048576,
    },
  },
};

/** Where a path has a namespace, it is the one that every server has. */
export function exampleOf({rpc, variables}: Route): Example | undefined {
  const example = examples[rpc.name];
  if (!example || !variables.some(({name}) => name === 'namespace')) return example;
  return {...example, request: {...example.request, namespace: 'default'}};
}
