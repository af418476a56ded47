package app;

import static app.Client.equal;

import com.google.protobuf.ByteString;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import krusty.cache.v1.CacheServiceGrpc;
import krusty.cache.v1.CacheServiceGrpc.CacheServiceBlockingStub;
import krusty.cache.v1.CacheServiceOuterClass.BatchGetRequest;
import krusty.cache.v1.CacheServiceOuterClass.DeleteRequest;
import krusty.cache.v1.CacheServiceOuterClass.DeleteResponse;
import krusty.cache.v1.CacheServiceOuterClass.GetRequest;
import krusty.cache.v1.CacheServiceOuterClass.GetResponse;
import krusty.cache.v1.CacheServiceOuterClass.PutRequest;
import krusty.cache.v1.CacheServiceOuterClass.PutResponse;

/**
 * A Java client, with what grpc-java itself brings. Its steps are listed in ../../../../../java.ts.
 *
 * <p>Arguments: the address of a cache, a prefix of its own for keys, the address of a server with
 * grpc.testing.TestService, and for TLS the file of a certificate authority.
 */
public final class Main {
  private final Client client;
  private final String testAddress;
  private final ManagedChannel channel;

  private Main(Client client, String address, String testAddress) {
    this.client = client;
    this.testAddress = testAddress;
    this.channel = client.connect(address);
  }

  public static void main(String[] args) throws Exception {
    if (args.length < 3) throw new IllegalArgumentException("ADDRESS KEY-PREFIX TEST-ADDRESS [AUTHORITY-FILE]");
    boolean failed;
    try (Client client = new Client(args[1], args.length > 3 ? args[3] : null)) {
      Main main = new Main(client, args[0], args[2]);
      client.step("put, get and delete", main::putGetDelete);
      client.step("batch get", main::batchGet);
      client.step("large values", main::largeValues);
      client.step("error details", main::errorDetails);
      client.step("metadata in binary", main::binaryMetadata);
      Watching watching = new Watching(client, main.channel);
      client.step("watch and resume", watching::resume);
      client.step("deadline", watching::deadline);
      client.step("cancellation", watching::cancellation);
      client.step("10,000 calls on 4 connections", () -> new Load(client, args[0]).run());
      failed = client.hasFailed();
    }
    System.exit(failed ? 1 : 0);
  }

  private CacheServiceBlockingStub cache() {
    return CacheServiceGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  private PutResponse put(String name, ByteString value) {
    return cache().put(PutRequest.newBuilder().setKey(client.key(name)).setValue(value).build());
  }

  private GetRequest getRequest(String name) {
    return GetRequest.newBuilder().setKey(client.key(name)).build();
  }

  private void putGetDelete() {
    byte[] bytes = new byte[256];
    for (int at = 0; at < bytes.length; at++) bytes[at] = (byte) at;
    ByteString value = ByteString.copyFrom(bytes);
    PutResponse put = put("bytes", value);
    equal("put", put.getOutcome(), PutResponse.Outcome.OUTCOME_STORED);

    GetResponse found = cache().get(getRequest("bytes"));
    equal("get", found.getOutcome(), GetResponse.Outcome.OUTCOME_HIT);
    equal("value", found.getEntry().getValue(), value);
    equal("revision", found.getEntry().getRevision(), put.getRevision());

    DeleteRequest request = DeleteRequest.newBuilder().setKey(client.key("bytes")).build();
    equal("delete", cache().delete(request).getOutcome(), DeleteResponse.Outcome.OUTCOME_DELETED);
    equal("get", cache().get(getRequest("bytes")).getOutcome(), GetResponse.Outcome.OUTCOME_MISS);
    equal("delete", cache().delete(request).getOutcome(), DeleteResponse.Outcome.OUTCOME_NOT_FOUND);
  }

  private void batchGet() {
    BatchGetRequest.Builder request = BatchGetRequest.newBuilder();
    List<String> want = new ArrayList<>();
    for (int number = 0; number < 1000; number++) {
      boolean present = number % 3 == 0;
      if (present) put("batch/" + number, ByteString.copyFromUtf8("value " + number));
      request.addRequests(getRequest("batch/" + number));
      want.add(present ? "value " + number : "");
    }
    List<String> have = new ArrayList<>();
    for (var result : cache().batchGet(request.build()).getResultsList()) {
      have.add(result.getResponse().getEntry().getValue().toStringUtf8());
    }
    equal("values", have, want);
  }

  /** The largest that a server takes unless told otherwise, in both directions, a few at once. */
  private void largeValues() throws Exception {
    byte[] bytes = new byte[1 << 20];
    new Random(1).nextBytes(bytes);
    ByteString value = ByteString.copyFrom(bytes);
    var futures = new ArrayList<com.google.common.util.concurrent.ListenableFuture<GetResponse>>();
    for (int number = 0; number < 16; number++) put("large/" + number, value);
    var async = CacheServiceGrpc.newFutureStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
    for (int number = 0; number < 16; number++) futures.add(async.get(getRequest("large/" + number)));
    for (var future : futures) equal("same bytes", future.get().getEntry().getValue().equals(value), true);
  }

  private void errorDetails() throws Exception {
    StatusRuntimeException error = failure(() -> put("too-large", ByteString.copyFrom(new byte[(1 << 20) + 1])));
    equal("code", error.getStatus().getCode(), io.grpc.Status.Code.INVALID_ARGUMENT);
    Status status = StatusProto.fromThrowable(error);
    equal("message", status.getMessage(), error.getStatus().getDescription());
    equal("reason", status.getDetails(0).unpack(ErrorInfo.class).getReason(), "VALUE_TOO_LARGE");
  }

  static StatusRuntimeException failure(Runnable call) {
    try {
      call.run();
    } catch (StatusRuntimeException error) {
      return error;
    }
    throw new AssertionError("no error");
  }

  /** TestService gives metadata back as it came: text with the headers, bytes with the trailers. */
  private void binaryMetadata() {
    var text = Metadata.Key.of("x-grpc-test-echo-initial", Metadata.ASCII_STRING_MARSHALLER);
    var binary = Metadata.Key.of("x-grpc-test-echo-trailing-bin", Metadata.BINARY_BYTE_MARSHALLER);
    Random random = new Random(2);
    for (int length = 0; length < 100; length++) {
      byte[] bytes = new byte[length];
      random.nextBytes(bytes);
      Metadata sent = new Metadata();
      sent.put(text, "text " + length);
      sent.put(binary, bytes);
      AtomicReference<Metadata> headers = new AtomicReference<>();
      AtomicReference<Metadata> trailers = new AtomicReference<>();
      ClientCalls.blockingUnaryCall(
          io.grpc.ClientInterceptors.intercept(
              test(), MetadataUtils.newAttachHeadersInterceptor(sent), MetadataUtils.newCaptureMetadataInterceptor(headers, trailers)),
          unaryCall,
          Client.soon(),
          new byte[0]);
      equal("text", headers.get().get(text), "text " + length);
      equal("bytes", ByteString.copyFrom(trailers.get().get(binary)), ByteString.copyFrom(bytes));
    }
  }

  private ManagedChannel testChannel;

  private ManagedChannel test() {
    if (testChannel == null) testChannel = client.connect(testAddress);
    return testChannel;
  }

  private static final MethodDescriptor<byte[], byte[]> unaryCall =
      MethodDescriptor.<byte[], byte[]>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName("grpc.testing.TestService/UnaryCall")
          .setRequestMarshaller(new Bytes())
          .setResponseMarshaller(new Bytes())
          .build();

  /** Messages as they are. */
  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException error) {
        throw new IllegalStateException(error);
      }
    }
  }
}
