/**
 * Every bound in one place. What the person who runs the server can set has a
 * default, a least and a most; the rest is fixed. Units are in the names.
 */

const kib = 1024;
const mib = 1024 * kib;

/** Keys, in bytes of UTF-8. The most is what a 16-bit length can say. */
export const keyBytesDefault = 1024;
export const keyBytesLeast = 16;
export const keyBytesMost = 65_535;

/** Values, in bytes. */
export const valueBytesDefault = mib;
export const valueBytesLeast = kib;
export const valueBytesMost = 64 * mib;

/** Entries of a server and of each namespace. */
export const entriesDefault = 10_000_000;
export const entriesLeast = 1;
export const entriesMost = 1_000_000_000;

/** Memory of a server and of each namespace: the sum of the entries' charges. The default is a share of the machine's. */
export const memoryShareDefault = 1 / 4;
export const memoryBytesLeast = mib;
export const memoryBytesMost = 1024 * 1024 * mib;

/** Namespaces besides `default`. */
export const namespacesMost = 63;
/** A namespace's name: short, and the same in a URL, a flag and a metric's label. */
export const namespaceName = /^[a-z0-9][a-z0-9_-]{0,62}$/;

/** The longest TTL, so that no sum of times overflows: 100 years. */
export const ttlMsMost = 100 * 365.25 * 24 * 3600 * 1000;

/** A content type, in bytes of printable ASCII. */
export const contentTypeBytesMost = 255;

/** Requests in one batch. */
export const batchMost = 1000;

/** Entries in one page of List. */
export const pageSizeDefault = 100;
export const pageSizeMost = 1000;
/** Records that one List call looks at before it answers a short page. */
export const scanRecordsMost = 10_000;

/** How large an answer may grow, in bytes, where the caller can say. */
export const responseBytesDefault = 4_000_000;
export const responseBytesLeast = 64 * kib;
export const responseBytesMost = valueBytesMost + 8 * mib;
/** The largest message whose memory the encoder keeps for the next. */
export const encoderBytesMost = 4 * mib;

/** What a request may be larger than the largest value, in bytes: key, options, framing, the other items of a batch. */
export const requestOverheadBytes = mib;

/** Bodies and messages that are transcoded between JSON and Protobuf, where nothing else is said: what gRPC itself allows. */
export const transcodedBytesDefault = 4 * mib;

/** Memory for the history of changes, in bytes; 0 keeps none. */
export const historyBytesDefault = 32 * mib;
export const historyBytesLeast = mib;
export const historyBytesMost = 2048 * mib;

/** Keys and prefixes of one watch. */
export const watchTargetsMost = 1000;
/** Watches open at a time: each costs a few KiB, and each message a write. */
export const watchersMost = 100_000;
/** How long nothing may be sent before a bookmark is, if the watcher wants one. */
export const bookmarkMsLeast = 100;
export const bookmarkMsMost = 3_600_000;
/** Where a message of a watch is cut, in bytes, if the caller did not ask for less: small enough to be made in a slice. */
export const watchMessageBytes = 64 * kib;
/** For how long at most, after changes were sent to many watchers, the next wait for more to come together. */
export const watchRestMsMost = 50;
/** What `krusty watch` asks for: a bookmark after so long without news, so that its token does not age. */
export const bookmarkMsDefault = 10_000;
/** A watch over HTTP: a heartbeat after so long without news, which is less than proxies let a connection rest. */
export const eventsHeartbeatMs = 15_000;
/** What a browser is told to wait before it connects again: at random, so that not all who lost a server come at once. */
export const eventsRetryMsLeast = 1000;
export const eventsRetryMsMost = 3000;
/** What `krusty watch` waits before it connects again: at first, and at most. */
export const reconnectMsLeast = 200;
export const reconnectMsMost = 5_000;
/** The longest resume token. */
export const resumeTokenBytesMost = 200;

/**
 * What a stream keeps for a client that reads too slowly, in bytes, before its writer
 * has to wait; one message may pass it. A message counts its bytes and what keeping it costs.
 */
export const streamQueueBytesMost = 256 * kib;
export const streamMessageOverheadBytes = 256;

/** How often what is expired or purged is swept. */
export const sweepIntervalMs = 100;

/**
 * How long a slice of work in the background may take before calls come through, and
 * after how many steps it looks at the clock (a step looks at an entry or a bucket).
 */
export const sliceMs = 1;
export const sliceStepsMost = 64;

/** A put of this charge or more makes room in slices, at most so many. */
export const makeRoomBytesLeast = 32 * kib;
export const makeRoomSlicesMost = 10_000;

/** Connections open at a time on the port; one more is closed at once. */
export const connectionsMost = 10_000;
/** How long a connection may be silent before its first bytes have said which protocol it speaks. */
export const firstBytesMs = 10_000;

/** HTTP/1.1: how long a request's headers may take, the whole request, and the pause before the next. Looked at once a second. */
export const httpHeadersMs = 10_000;
export const httpRequestMs = 300_000;
/** Longer than the usual 60 s of proxies, so that it is they who close. */
export const httpKeepAliveMs = 75_000;
export const httpCheckMs = 1000;
/** Headers and the request line, in bytes, besides the key, of which each byte may take three. */
export const httpHeaderBytes = 16 * kib;
export const httpBytesPerKeyByte = 3;
/**
 * What is read of a request that is already answered, in bytes, so that the client sees
 * the answer rather than a broken connection; and for how long it may be silent meanwhile.
 */
export const httpDiscardBytesMost = mib;
export const httpLingerMs = 2000;
/** Requests that wait on one connection for an answer to the one before; no more are read until they are fewer. */
export const httpWaitingMost = 100;
/** A body of up to so many bytes is sent in one piece with its headers. */
export const httpJoinedBytesMost = 4 * kib;
/** Entity tags in one If-Match or If-None-Match. */
export const httpTagsMost = 100;

/** How old a gRPC connection may become, and how long it may be idle, where that is limited. The most is what timers know, less a tenth. */
export const connectionMsLeast = 1000;
export const connectionMsMost = 22 * 24 * 3600 * 1000;
/** The share of its age by which a connection may go earlier or later, so that not all that came together go together. */
export const connectionAgeJitter = 0.1;
/** How long the calls of a connection that was asked to go may take. */
export const connectionGraceMs = 30_000;
/** How long nothing may come on a gRPC connection before its client is asked whether it is there, and how long that may take. */
export const keepaliveMsDefault = 300_000;
export const keepaliveAnswerMs = 20_000;

/** How often the lag of the event loop is looked at. */
export const loopLagIntervalMs = 100;

/** How long a stopping server waits for the calls under way. */
export const drainMs = 10_000;

/** Threads that serve. Limits of connections and of what is held for clients are a server's: each of its threads has an equal share. */
export const threadsMost = 64;
/** How long a thread waits for what another tells of itself. */
export const threadAnswerMs = 2000;
/** How much longer than its drain a thread is waited for. */
export const threadEndMs = 2000;
/** How long a thread that has accepted a connection lets another accept the next, each time and in a second. */
export const spreadWaitMs = 0.25;
export const spreadMsPerSecond = 20;

/** The default port. */
export const portDefault = 7070;
export const portMost = 65_535;

/** A config file larger than this is not one. */
export const configFileBytesMost = mib;

/**
 * HTTP/2 as our own transport speaks it. What a peer may make us hold or do without
 * being asked is bounded here, each bound by itself.
 */
/** Connections open at a time; one more is closed at once. */
export const wireConnectionsMost = 10_000;
/** Calls open at a time on one connection; one more is refused, and may be tried again. */
export const wireStreamsMost = 256;
/** The largest frame received: the least that the RFC allows. */
export const wireFrameBytesMost = 16 * kib;
/** Our side of header compression. */
export const wireHeaderTableBytes = 4 * kib;
/** The headers of one request, decoded: names, values, and 32 bytes a field. */
export const wireHeaderListBytesMost = 16 * kib;
/** The same from where on the connection ends: a few bytes may name an entry of the table thousands of times. */
export const wireHeaderBombBytesMost = 128 * kib;
/** The headers of one request as they are sent, and the frames that they may be cut into. */
export const wireHeaderBlockBytesMost = 32 * kib;
export const wireHeaderFramesMost = 8;
/** What may be sent to us before we have said that there is room for more: on one stream, on one connection. */
export const wireStreamWindowBytes = 64 * kib - 1;
export const wireConnectionWindowBytes = mib;
/** While the server holds less than this over all connections, incomplete messages of one may take it all: a proxy sends those of many clients. */
export const wireIncompleteFreeBytes = 12 * mib;
/** Otherwise incomplete messages of a connection, beyond its windows; more wait for one to complete, unless all come to a halt. */
export const wireIncompleteBytesMost = 2 * mib;

/** What the server holds over all connections: answers that wait to be taken, and incomplete requests; or so many of the largest messages, if that is more. */
export const wireHeldBytesMost = 256 * mib;
export const wireHeldMessagesLeast = 16;

/** What waits to be sent on a connection before further calls of it wait to be begun: where the peer takes it, and where not. */
export const wireFlowingQueueBytesMost = 8 * mib;
export const wireQueueBytesMost = mib;
/** Where the server holds more than this over all connections, the second counts for all: many could take a little and then nothing. */
export const wireFlowingFreeBytes = 12 * mib;
/** What the system has not yet taken of a connection, before nothing more is read from it. */
export const wireUnsentBytesMost = 256 * kib;
/** What a piece of input causes waits for the end of the turn if it is less: then a write costs more than what it brings. */
export const wireGatherBytesMost = 4 * kib;
/** Connections that have something to send wait for the end of the turn, but no more than so many. */
export const wireBuffersMost = 64;
/** Buffers of 64 KiB that are kept to be used again: so many hold what may wait freely over all connections. */
export const wireKeptBuffersMost = wireFlowingFreeBytes / (64 * kib);
/** What a connection sends, and what is read of it, before others have their turn. */
export const wireSliceBytes = 64 * kib;
export const wireReadSliceBytes = 64 * kib;
/**
 * What is done at once of what a connection sends, and of what all do in a turn of the event
 * loop, in units of about a microsecond (a small call takes two to four). The rest is done in
 * turn, for so long in each turn over all connections. Who sends but little is served at once
 * even then, to some extent.
 */
export const wireReadCredit = 32;
export const wireTurnCredit = 256;
export const wireTurnMs = 0.5;
export const wireSmallReadBytes = kib;
export const wireSmallReadCredit = 8;
/** The same for all connections while some are behind and another asks for little, and for how many turns that is assumed after it did. */
export const wireSharedTurnCredit = 32;
export const wireSharedTurnMs = 0.12;
export const wireSharedTurns = 32;
/** What may wait so over all connections. Where there is more, it is done at once. */
export const wireUnreadBytesMost = 8 * mib;

/** Streams that a client may end early, or have us end or refuse for its errors: at once, and for how long on. */
export const wireResetsMost = 1000;
export const wireResetsPerSecond = 33;
/** Frames that move no call on (SETTINGS, PING, PRIORITY, empty DATA, …): at once, and for how long on. */
export const wireIdleFramesMost = 1000;
export const wireIdleFramesPerSecond = 10;

/** How long a connection may take to say what it speaks, and a request for its headers. */
export const wirePrefaceMsMost = 10_000;
export const wireHeadersMsMost = 10_000;
/** How long a peer may leave what waits to be sent to it untouched. */
export const wireStallMsMost = 120_000;
/** How long a client that is asked to go may take to answer that it knows; calls that it begins until then are served. */
export const wireFarewellMsMost = 1000;
/** How long what is left of a connection's end may take. */
export const wireCloseMsMost = 1000;
/** gzip: the smallest answer that is compressed, and what is compressed or inflated at once rather than by a thread. */
export const wireGzipBytesLeast = kib;
export const wireGzipAtOnceBytesMost = 64 * kib;
/** To begin counts as so many bytes, which it costs however little there is to do. */
export const wireGzipBeginBytes = 4 * kib;
/** What is done at once in a turn of the event loop, and how many threads may be at it besides: on one core each takes as much as all the rest. */
export const wireGzipTurnBytesMost = 256 * kib;
export const wireGzipThreadsMost = 1;
/** How much of a status goes into trailers: clients take headers of a few KiB. */
export const wireStatusMessageCharsMost = 2000;
export const wireStatusDetailsBytesMost = 6000;
/** Kinds of faults of peers that are counted apart. */
export const wireFaultKindsMost = 100;
/** How often connections are looked after. */
export const wireCheckMs = 1000;
