package io.millrace.activities.extract.rest;

import java.io.IOException;
import java.net.ConnectException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import javax.net.SocketFactory;

/**
 * Sockets that send at once: without TCP_NODELAY a request of two packets waits for an
 * acknowledgement that waits too. On demand they connect to the public internet only, which is
 * judged by the address that is connected to: what a name resolved to before does not count.
 */
final class Sockets extends SocketFactory {
  private final boolean publicOnly;

  Sockets(boolean publicOnly) {
    this.publicOnly = publicOnly;
  }

  /** An address that the configuration does not allow. */
  static final class Blocked extends IOException {
    private static final long serialVersionUID = 1L;

    Blocked(InetAddress address) {
      super(address.getHostAddress());
    }
  }

  @Override
  public Socket createSocket() throws IOException {
    Socket socket = publicOnly ? new Guarded() : new Socket();
    socket.setTcpNoDelay(true);
    return socket;
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    return connected(InetAddress.getByName(host), port);
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress from, int fromPort)
      throws IOException {
    return connected(InetAddress.getByName(host), port);
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    return connected(host, port);
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress from, int fromPort)
      throws IOException {
    return connected(host, port);
  }

  private Socket connected(InetAddress host, int port) throws IOException {
    Socket socket = createSocket();
    socket.connect(new InetSocketAddress(host, port));
    return socket;
  }

  /** Whether everybody on the internet means the same by it. */
  static boolean isPublic(InetAddress address) {
    if (address.isAnyLocalAddress()
        || address.isLoopbackAddress()
        || address.isLinkLocalAddress()
        || address.isSiteLocalAddress()
        || address.isMulticastAddress()) {
      return false;
    }
    byte[] b = address.getAddress();
    if (address instanceof Inet4Address) {
      int first = b[0] & 0xFF;
      int second = b[1] & 0xFF;
      return first != 0 // this network
          && first < 240 // reserved, broadcast
          && !(first == 100 && second >= 64 && second < 128) // carriers' own
          && !(first == 192 && second == 0 && (b[2] == 0 || b[2] == 2)) // protocols, documentation
          && !(first == 198 && (second == 18 || second == 19)) // benchmarks
          && !(first == 198 && second == 51 && b[2] == 100)
          && !(first == 203 && second == 0 && b[2] == 113);
    }
    return !(address instanceof Inet6Address) || isPublic6(b);
  }

  private static boolean isPublic6(byte[] b) {
    int head = (b[0] & 0xFF) << 8 | b[1] & 0xFF;
    if (head == 0x2002) { // 6to4: the IPv4 address follows
      return isPublic4(Arrays.copyOfRange(b, 2, 6));
    }
    boolean nat64 = head == 0x64 && (b[2] & 0xFF) == 0xFF && (b[3] & 0xFF) == 0x9B;
    boolean compatible = Arrays.equals(Arrays.copyOf(b, 12), new byte[12]);
    if (nat64 || compatible) {
      return isPublic4(Arrays.copyOfRange(b, 12, 16));
    }
    boolean documentation = head == 0x2001 && (b[2] & 0xFF) == 0x0D && (b[3] & 0xFF) == 0xB8;
    boolean teredo = head == 0x2001 && b[2] == 0 && b[3] == 0;
    // 2000::/3 is all that is given out; fc00::/7 and fec0::/10 are not in it
    return head >>> 13 == 1 && !documentation && !teredo;
  }

  private static boolean isPublic4(byte[] v4) {
    try {
      return isPublic(InetAddress.getByAddress(v4));
    } catch (UnknownHostException e) {
      return false; // four bytes are an address
    }
  }

  private static final class Guarded extends Socket {
    @Override
    public void connect(SocketAddress to, int timeout) throws IOException {
      if (!(to instanceof InetSocketAddress address) || address.getAddress() == null) {
        throw new ConnectException("no address");
      }
      if (!isPublic(address.getAddress())) {
        throw new Blocked(address.getAddress());
      }
      super.connect(to, timeout);
    }
  }
}
