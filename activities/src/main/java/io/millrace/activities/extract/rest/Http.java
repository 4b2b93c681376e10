package io.millrace.activities.extract.rest;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.source.Client;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.SocketFactory;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.Dispatcher;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okio.BufferedSource;

/**
 * The one HTTP client of the process: one exchange at a time per caller, no redirects and no
 * retries of its own, bodies read to a limit. The caller is alive meanwhile. Thread-safe.
 */
class Http {
  /** An error's body is for a message only. */
  private static final int ERROR_BYTES = 64 * 1024;

  private final OkHttpClient shared;

  Http() {
    Dispatcher dispatcher =
        new Dispatcher(
            new ThreadPoolExecutor(
                0, 1024, 30, TimeUnit.SECONDS, new SynchronousQueue<>(), Http::daemon));
    dispatcher.setMaxRequests(512);
    dispatcher.setMaxRequestsPerHost(512); // `concurrency` of the client bounds it
    this.shared =
        new OkHttpClient.Builder()
            .socketFactory(new NoDelay())
            .dispatcher(dispatcher)
            .followRedirects(false)
            .followSslRedirects(false)
            .build();
  }

  /**
   * @param url that was answered
   * @param body decoded; only its beginning when the status is an error
   */
  record Answer(HttpUrl url, int status, Headers headers, byte[] body) {
    String header(String name) {
      return headers.get(name);
    }
  }

  /** An exchange that ended without an answer; the message is for people. */
  static final class Broken extends IOException {
    private static final long serialVersionUID = 1L;
    final boolean inBody;

    Broken(boolean inBody, IOException cause) {
      super(told(cause), cause);
      this.inBody = inBody;
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

  OkHttpClient client(Client.Timeout timeout) {
    return shared
        .newBuilder()
        .connectTimeout(timeout.connect())
        .readTimeout(timeout.read())
        .callTimeout(timeout.total())
        .build();
  }

  /**
   * @param limit decoded bytes of a body
   * @param alive called about each second while the exchange lasts; what it throws ends the
   *     exchange
   */
  Answer exchange(OkHttpClient client, Request request, long limit, Runnable alive) throws Broken {
    Call call = client.newCall(request);
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

  private static final class Reading implements Callback {
    private final CompletableFuture<Answer> answer;
    private final long limit;

    Reading(CompletableFuture<Answer> answer, long limit) {
      this.answer = answer;
      this.limit = limit;
    }

    @Override
    public void onFailure(Call call, IOException e) {
      answer.completeExceptionally(new Broken(false, e));
    }

    @Override
    public void onResponse(Call call, Response response) {
      try (response;
          BufferedSource in = response.body().source()) {
        boolean error = response.code() >= 300;
        byte[] body = read(in, error ? ERROR_BYTES : limit, !error, response);
        answer.complete(
            new Answer(response.request().url(), response.code(), response.headers(), body));
      } catch (IOException e) {
        answer.completeExceptionally(new Broken(true, e));
      } catch (RuntimeException | OutOfMemoryError e) {
        answer.completeExceptionally(e);
      }
    }

    private static byte[] read(BufferedSource in, long limit, boolean refuse, Response response)
        throws IOException {
      long length = response.body().contentLength();
      long hint = Math.min(Math.max(length, 8192), Math.min(limit, 8 << 20));
      ByteArrayOutputStream out = new ByteArrayOutputStream((int) hint);
      byte[] buffer = new byte[64 * 1024];
      int n;
      while ((n = in.read(buffer)) >= 0) {
        if (out.size() + (long) n > limit) {
          if (refuse) {
            throw new MillraceException(
                Failure.POLICY_REFUSED,
                "it is larger than "
                    + limit
                    + " bytes (ask for smaller pages or raise `limits.response_bytes`)");
          }
          break;
        }
        out.write(buffer, 0, n);
      }
      return out.toByteArray();
    }
  }

  /** Without TCP_NODELAY a request of two packets waits for an acknowledgement that waits too. */
  private static final class NoDelay extends SocketFactory {
    private final SocketFactory plain = SocketFactory.getDefault();

    @Override
    public Socket createSocket() throws IOException {
      return noDelay(plain.createSocket());
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
      return noDelay(plain.createSocket(host, port));
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress from, int fromPort)
        throws IOException {
      return noDelay(plain.createSocket(host, port, from, fromPort));
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
      return noDelay(plain.createSocket(host, port));
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress from, int fromPort)
        throws IOException {
      return noDelay(plain.createSocket(host, port, from, fromPort));
    }

    private static Socket noDelay(Socket socket) throws IOException {
      socket.setTcpNoDelay(true);
      return socket;
    }
  }
}
