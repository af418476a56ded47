/**
 * What every client does, in any language: written once here, done by
 * go/scenario/main.go and python/scenario.py under the same names, in this order.
 * The run fails if a client leaves out a step or does one that is not listed.
 *
 * A client gets the address and a prefix of its own for keys, prints one line a
 * step, `ok NAME` or `not ok NAME: what was wrong`, and exits 1 if any was not ok.
 */
export const scenario: readonly {name: string; does: string}[] = [
  {name: 'health', does: 'Health/Check answers SERVING for the server and for CacheService'},
  {name: 'put then get', does: 'all 256 byte values and a content type come back as they went in'},
  {name: 'a miss is an answer', does: 'Get of an absent key is OK with MISS, and so is Delete with NOT_FOUND'},
  {name: 'odd keys', does: 'keys with / : % + ? #, spaces, newline, emoji and a BOM stay apart from their look-alikes'},
  {name: 'conditions', does: 'if_absent, if_present and if_revision hold or are lost, for Put and Delete'},
  {name: 'not modified', does: 'Get with if_revision_not leaves the value out until it changes'},
  {name: 'ttl', does: 'a TTL gives an expire_time; after a short one the key is a miss'},
  {name: 'touch', does: 'Touch sets, extends, shortens and removes the expiry, and keeps the revision'},
  {name: 'increment', does: 'counts from initial, down as well, by 1 if nothing is said'},
  {name: 'batches', does: 'BatchPut, BatchGet, BatchTouch, BatchDelete: a result each, one failing alone'},
  {name: 'list', does: 'pages of two give every key under a prefix'},
  {name: 'purge', does: 'what is under the prefix is gone at once, the rest stays'},
  {name: 'stats', does: 'GetStats counts the hits and misses just made'},
  {name: 'error details', does: 'an empty key is INVALID_ARGUMENT with ErrorInfo and a BadRequest naming the field'},
  {name: 'errors', does: 'each kind of bad input has its code and reason, and the server goes on'},
  {name: 'watch', does: 'a snapshot, its end, then changes; the token of a message goes on behind it'},
  {name: 'watch errors', does: 'each kind of bad input has its reason, before anything else comes'},
  {name: 'explain', does: 'the last change of a key; of one that never was, since when all is known'},
];
