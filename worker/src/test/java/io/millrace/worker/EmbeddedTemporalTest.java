package io.millrace.worker;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EmbeddedTemporalTest {
  @Test
  void listensToThisMachineAlone() {
    try (EmbeddedTemporal temporal = EmbeddedTemporal.listening()) {
      int port = Integer.parseInt(temporal.address().split(":")[1]);
      assertThatCode(
              () ->
                  Backend.connect(temporal.address(), null, Map.of(), Duration.ofSeconds(30))
                      .close())
          .doesNotThrowAnyException();
      // an address of this machine that nobody listens to, unless they listen to all
      assertThatThrownBy(() -> connect("127.0.0.2", port)).isInstanceOf(IOException.class);
    }
  }

  private static void connect(String host, int port) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), 2_000);
    }
  }
}
