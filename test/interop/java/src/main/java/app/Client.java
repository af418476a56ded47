package app;

import io.grpc.CallOptions;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.TlsChannelCredentials;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * Where it connects to, and what its steps share: each prints one line, `ok NAME` or
 * `not ok NAME: what was wrong`.
 */
final class Client implements AutoCloseable {
  final String prefix;
  private final ChannelCredentials credentials;
  private final List<ManagedChannel> channels = new ArrayList<>();
  private boolean failed;

  /** With a file of a certificate authority it speaks TLS, otherwise clear text. */
  Client(String prefix, String authorityFile) throws IOException {
    this.prefix = prefix;
    credentials =
        authorityFile == null
            ? InsecureChannelCredentials.create()
            : TlsChannelCredentials.newBuilder().trustManager(new File(authorityFile)).build();
  }

  /** A connection of its own. */
  ManagedChannel connect(String address) {
    ManagedChannel channel =
        Grpc.newChannelBuilder(address, credentials).maxInboundMessageSize(16 << 20).build();
    channels.add(channel);
    return channel;
  }

  /** For calls that must not wait for ever. */
  static CallOptions soon() {
    return CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  interface Body {
    void run() throws Exception;
  }

  void step(String name, Body body) {
    try {
      body.run();
      System.out.println("ok " + name);
    } catch (Exception | AssertionError error) {
      failed = true;
      System.out.println("not ok " + name + ": " + error.toString().replace('\n', ' '));
    }
  }

  String key(String name) {
    return prefix + name;
  }

  static void equal(String what, Object have, Object want) {
    if (!Objects.equals(have, want)) throw new AssertionError(what + ": " + have + " instead of " + want);
  }

  boolean hasFailed() {
    return failed;
  }

  @Override
  public void close() throws InterruptedException {
    for (ManagedChannel channel : channels) channel.shutdownNow();
    for (ManagedChannel channel : channels) channel.awaitTermination(5, TimeUnit.SECONDS);
  }
}
