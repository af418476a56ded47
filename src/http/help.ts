/** What `curl localhost:7070` shows. */
export const help = `Krusty Kache: a cache that speaks gRPC and HTTP, both on this port.

  curl -X PUT localhost:7070/greeting -d hello          store
  curl localhost:7070/greeting                          fetch
  curl -X PUT 'localhost:7070/greeting?ttl=5m' -d hello   for five minutes
  curl -X PUT localhost:7070/picture --data-binary @picture.png -H 'content-type: image/png'
  curl -X DELETE localhost:7070/greeting                remove

The path is the key; ?namespace= names a namespace. A miss is 404. If-Match and
If-None-Match take the ETag of an answer; If-None-Match: * stores only what is new.

  /v1/...          the same operations and more as JSON, like the gRPC service
  /-/healthy       is the process there?
  /-/ready         does it take requests?
  /-/ui            what it does and holds, for a browser
  /-/docs          all of this in detail, for a browser; /-/openapi.json for programs
  /-/watch         changes as they happen: curl -N 'localhost:7070/-/watch?prefix='
  /-/metrics       for Prometheus
  /-/raw/KEY       keys that begin like one of the server's own paths
`;
