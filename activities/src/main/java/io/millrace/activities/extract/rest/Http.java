package io.millrace.activities.extract.rest;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.source.Client;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.UnknownHostException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.Connection;
import okhttp3.Dispatcher;
import okhttp3.EventListener;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;

/**
 * The one HTTP client of the process: one exchange at a time per caller, no redirects, no cookies
 * and no retries of its own, bodies read to a limit. The caller is alive meanwhile. Thread-safe.
 */
class Http {
  /** An error's body is for a message only. */
  private static final int ERROR_BYTES = 64 * 1024;

  private final OkHttpClient shared;
  private final OkHttpClient publicOnly;

  /** Servers that close the connection behind each answer without saying so, by host and port. */
  private final Set<String> closing = ConcurrentHashMap.newKeySet();

  Http() {
    Dispatcher dispatcher =
        new Dispatcher(
            new ThreadPoolExecutor(
                0, 1024, 30, TimeUnit.SECONDS, new SynchronousQueue<>(), Http::daemon));
    dispatcher.setMaxRequests(512);
    dispatcher.setMaxRequestsPerHost(512); // `concurrency` of the client bounds it
    this.shared =
        new OkHttpClient.Builder()
            .socketFactory(new Sockets(false))
            .dispatcher(dispatcher)
            .followRedirects(false)
            .followSslRedirects(false)
            .retryOnConnectionFailure(false) // whoever repeats a request counts and paces it
            .addNetworkInterceptor(Http::notRepeated)
            .eventListener(new Connecting())
            .build();
    this.publicOnly =
        shared.newBuilder().socketFactory(new Sockets(true)).proxy(Proxy.NO_PROXY).build();
  }

  /**
   * @param url that was answered
   * @param body decoded; only its beginning when the status is an error
   * @param bounded whether the end of the body was told, by a length or chunks; otherwise the
   *     connection just ended, and nobody knows whether something is missing
   */
  record Answer(HttpUrl url, int status, Headers headers, byte[] body, boolean bounded) {
    Answer(HttpUrl url, int status, Headers headers, byte[] body) {
      this(url, status, headers, body, true);
    }

    /** The same from another address. */
    Answer at(HttpUrl other) {
      return new Answer(other, status, headers, body, bounded);
    }

    /** The same with another body. */
    Answer with(byte[] other) {
      return new Answer(url, status, headers, other, bounded);
    }

    String header(String name) {
      return headers.get(name);
    }
  }

  /** An exchange that ended without an answer; the message is for people. */
  static final class Broken extends IOException {
    private static final long serialVersionUID = 1L;
    final boolean inBody;

    /** Nothing came on a connection that had lain idle: it was dead already. */
    final boolean stale;

    Broken(boolean inBody, IOException cause) {
      this(inBody, false, cause);
    }

    Broken(boolean inBody, boolean stale, IOException cause) {
      super(told(cause), cause);
      this.inBody = inBody;
      this.stale = stale;
    }

    /** Java says why a name is not known the first time only, and then just the name. */
    private static String told(IOException cause) {
      String message = cause.getMessage();
      if (message == null) {
        return cause.getClass().getSimpleName();
      }
      return cause instanceof UnknownHostException
          ? "the name is not known: " + message.split(": ", 2)[0]
          : message;
    }
  }

  /**
   * @param trust {@code null} for what the JDK has
   */
  OkHttpClient client(Client config, Tls.Trust trust) {
    OkHttpClient.Builder client =
        (config.blockPrivateAddresses() ? publicOnly : shared)
            .newBuilder()
            .connectTimeout(config.timeout().connect())
            .readTimeout(config.timeout().read())
            .callTimeout(config.timeout().total());
    if (trust != null) {
      client.sslSocketFactory(trust.sockets(), trust.certificates().trustManager());
    }
    return client.build();
  }

  /**
   * @param limit of a body
   * @param alive called about each second while the exchange lasts; what it throws ends the
   *     exchange
   */
  Answer exchange(OkHttpClient client, Request request, Decoding.Limit limit, Runnable alive)
      throws Broken {
    Request.Builder asking =
        request
            .newBuilder()
            .header("Accept-Encoding", Decoding.ACCEPTED)
            .tag(Connections.class, new Connections());
    if (closing.contains(server(request.url()))) {
      asking.header("Connection", "close"); // else the next request would go out on a dead one
    }
    Call call = client.newCall(asking.build());
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    call.enqueue(new Reading(answer, limit));
    try {
      while (true) {
        try {
          return answer.get(1, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
          alive.run();
        }
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Broken broken) {
        throw broken;
      }
      if (e.getCause() instanceof MillraceException failed) {
        throw failed;
      }
      throw new MillraceException(
          Failure.INTERNAL, "Cannot read an answer: " + e.getCause().getClass(), null);
    } catch (InterruptedException e) {
      throw interrupted(e);
    } finally {
      call.cancel(); // nothing to cancel when it is complete
    }
  }

  static MillraceException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new MillraceException(Failure.CANCELLED, "Cannot go on: stopped", e);
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "millrace-http");
    thread.setDaemon(true);
    return thread;
  }

  /** What the client would repeat by itself after this: nothing. */
  private static Response notRepeated(Interceptor.Chain chain) throws IOException {
    Response response = chain.proceed(chain.request());
    boolean repeated = response.code() == 503 && "0".equals(response.header("Retry-After"));
    return repeated ? response.newBuilder().header("Retry-After", "0.0").build() : response;
  }

  /** Whether a request went out on a connection that was there before. */
  private static final class Connections {
    volatile boolean made;
    volatile boolean reused;
  }

  private static final class Connecting extends EventListener {
    @Override
    public void connectStart(Call call, InetSocketAddress address, Proxy proxy) {
      of(call).made = true;
    }

    @Override
    public void connectionAcquired(Call call, Connection connection) {
      of(call).reused = !of(call).made;
    }

    private static Connections of(Call call) {
      Connections made = call.request().tag(Connections.class);
      return made == null ? new Connections() : made;
    }
  }

  private static String server(HttpUrl url) {
    return url.host() + ":" + url.port();
  }

  /** HTTP/1.0 keeps a connection only where it says so. */
  private void learn(Response response) {
    String said = response.header("Connection", "");
    if (response.protocol() == Protocol.HTTP_1_0
        && !said.equalsIgnoreCase("keep-alive")
        && closing.add(server(response.request().url()))) {
      shared.connectionPool().evictAll();
    }
  }

  private final class Reading implements Callback {
    private final CompletableFuture<Answer> answer;
    private final Decoding.Limit limit;

    Reading(CompletableFuture<Answer> answer, Decoding.Limit limit) {
      this.answer = answer;
      this.limit = limit;
    }

    @Override
    public void onFailure(Call call, IOException e) {
      Connections made = call.request().tag(Connections.class);
      boolean stale = made != null && made.reused && !(e instanceof InterruptedIOException);
      answer.completeExceptionally(new Broken(false, stale, e));
    }

    @Override
    public void onResponse(Call call, Response response) {
      try (response) {
        byte[] body =
            response.code() >= 300
                ? Decoding.beginning(response, ERROR_BYTES)
                : Decoding.whole(response, limit);
        learn(response);
        answer.complete(
            new Answer(
                response.request().url(),
                response.code(),
                response.headers(),
                body,
                bounded(response)));
      } catch (IOException e) {
        answer.completeExceptionally(new Broken(true, e));
      } catch (RuntimeException | OutOfMemoryError e) {
        answer.completeExceptionally(e);
      }
    }

    /** As it came: a body that was decoded here has lost its headers. */
    private static boolean bounded(Response response) {
      Response network = response.networkResponse() == null ? response : response.networkResponse();
      return network.header("Content-Length") != null
          || network.header("Transfer-Encoding") != null
          || network.protocol().compareTo(Protocol.HTTP_1_1) > 0;
    }
  }
}
