package app;

import static app.Client.equal;

import com.google.protobuf.ByteString;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import krusty.cache.v1.AdminServiceGrpc;
import krusty.cache.v1.AdminServiceOuterClass.GetStatsRequest;
import krusty.cache.v1.CacheServiceGrpc;
import krusty.cache.v1.CacheServiceOuterClass.PutRequest;
import krusty.cache.v1.Watch.WatchEvent;
import krusty.cache.v1.Watch.WatchRequest;
import krusty.cache.v1.Watch.WatchResponse;
import krusty.cache.v1.Watch.WatchTarget;

/** The steps that watch: to go on where one was, and to end by a deadline or by cancelling. */
final class Watching {
  private static final int eventsAtOnce = 500;

  private final Client client;
  private final ManagedChannel channel;

  Watching(Client client, ManagedChannel channel) {
    this.client = client;
    this.channel = channel;
  }

  /** Watches, leaves, changes on, and comes back with the token: nothing is missed and nothing comes twice. */
  void resume() throws Exception {
    List<String> seen = new ArrayList<>();
    String token = "";
    for (int round = 0; round < 4; round++) {
      Context.CancellableContext context = Context.current().withCancellation();
      Context before = context.attach();
      try {
        Iterator<WatchResponse> watch = watch(request(token));
        equal("first", watch.next().hasCreated(), true);
        for (int number = 0; number < eventsAtOnce; number++) put("watched/" + round + "-" + number);
        while (seen.size() < wanted(round).size()) {
          WatchResponse message = watch.next();
          for (WatchEvent event : message.getEvents().getEventsList()) seen.add(event.getEntry().getKey());
          token = message.getResumeToken();
        }
      } finally {
        context.detach(before);
        context.cancel(null);
      }
      for (int number = 0; number < eventsAtOnce; number++) put("watched/" + round + "-away-" + number);
    }
    equal("keys", seen, wanted(3));
  }

  /** What there is to be seen in the end of a round. */
  private List<String> wanted(int lastRound) {
    List<String> keys = new ArrayList<>();
    for (int round = 0; round <= lastRound; round++) {
      for (int number = 0; number < eventsAtOnce; number++) keys.add(client.key("watched/" + round + "-" + number));
      if (round == lastRound) break;
      for (int number = 0; number < eventsAtOnce; number++) keys.add(client.key("watched/" + round + "-away-" + number));
    }
    return keys;
  }

  void deadline() {
    var stub = CacheServiceGrpc.newBlockingStub(channel).withDeadlineAfter(300, TimeUnit.MILLISECONDS);
    Iterator<WatchResponse> watch = stub.watch(request(""));
    equal("first", watch.next().hasCreated(), true);
    StatusRuntimeException error = Main.failure(watch::next);
    equal("code", error.getStatus().getCode(), Status.Code.DEADLINE_EXCEEDED);
  }

  /** Many are cancelled; the server hears of each, and the connection goes on. */
  void cancellation() throws Exception {
    long watchersBefore = watchers();
    List<Context.CancellableContext> contexts = new ArrayList<>();
    List<Iterator<WatchResponse>> watches = new ArrayList<>();
    for (int number = 0; number < 50; number++) {
      Context.CancellableContext context = Context.current().withCancellation();
      Context before = context.attach();
      watches.add(watch(request("")));
      context.detach(before);
      equal("first", watches.get(number).next().hasCreated(), true);
      contexts.add(context);
    }
    equal("watchers", watchers(), watchersBefore + 50);
    for (Context.CancellableContext context : contexts) context.cancel(null);
    for (Iterator<WatchResponse> watch : watches) {
      equal("code", Main.failure(watch::next).getStatus().getCode(), Status.Code.CANCELLED);
    }
    for (int tries = 0; watchers() != watchersBefore; tries++) {
      if (tries == 500) throw new AssertionError(watchers() + " watchers are left");
      Thread.sleep(10);
    }
  }

  private long watchers() {
    var stub = AdminServiceGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
    return stub.getStats(GetStatsRequest.getDefaultInstance()).getWatch().getWatchers();
  }

  private Iterator<WatchResponse> watch(WatchRequest request) {
    return CacheServiceGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS).watch(request);
  }

  private WatchRequest request(String token) {
    WatchTarget target = WatchTarget.newBuilder().setPrefix(client.key("watched/")).build();
    return WatchRequest.newBuilder().addTargets(target).setResumeToken(token).build();
  }

  private void put(String name) {
    PutRequest request = PutRequest.newBuilder().setKey(client.key(name)).setValue(ByteString.copyFromUtf8(name)).build();
    CacheServiceGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS).put(request);
  }
}
