package io.millrace.activities.destination;

import static io.millrace.activities.destination.DestinationContract.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.Failure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import javax.net.SocketFactory;
import org.junit.jupiter.api.Test;

class PostgresHostTest {
  static boolean loaded;

  /** What the driver would make its connections with. */
  public static final class Factory extends SocketFactory {
    static {
      loaded = true;
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
      throw new IOException("ours");
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress from, int fromPort)
        throws IOException {
      throw new IOException("ours");
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
      throw new IOException("ours");
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress from, int fromPort)
        throws IOException {
      throw new IOException("ours");
    }
  }

  @Test
  void hostBringsNoOptionsOfTheDriver() {
    for (String host :
        List.of(
            "127.0.0.1:1/x?socketFactory=" + Factory.class.getName() + "&y=",
            "127.0.0.1/x?sslmode=disable&y=",
            "me:word@127.0.0.1",
            "a b",
            "")) {
      assertFails(
          Failure.CONFIG_INVALID,
          () -> PostgresServer.loader(1, "d", Map.of("host", host)).query("SELECT 1", 1),
          "host is not the name or address of a server");
    }
    assertThat(loaded).isFalse();
  }
}
