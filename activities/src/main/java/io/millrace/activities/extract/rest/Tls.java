package io.millrace.activities.extract.rest;

import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.secret.Secrets;
import io.millrace.project.Text;
import io.millrace.source.Client;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLSocketFactory;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;

/**
 * The certificates of the configuration. What was made once is kept, because connections are shared
 * by those who share it. Thread-safe.
 */
final class Tls {
  private static final int KEPT = 32;

  private final Map<List<String>, Trust> made =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<List<String>, Trust> eldest) {
          return size() > KEPT;
        }
      };

  /**
   * @param sockets the same object always: only by that OkHttp knows a connection again
   */
  record Trust(HandshakeCertificates certificates, SSLSocketFactory sockets) {
    @Override
    public String toString() {
      return "Trust";
    }
  }

  /**
   * @param ours whether our own certificate may be shown
   * @return {@code null} when there is nothing beside what the JDK has
   */
  Trust of(Client.Tls tls, Secrets secrets, boolean ours) {
    boolean shown = tls != null && tls.certificate() != null && ours;
    if (tls == null || tls.ca() == null && !shown) {
      return null;
    }
    String certificate = shown ? secrets.resolve(tls.certificate()) : "";
    String key = shown ? secrets.resolveSecret(tls.privateKey()) : "";
    Text pass = tls.privateKeyPassphrase();
    String passphrase = shown && pass != null ? secrets.resolveSecret(pass) : null;
    String ca = tls.ca() == null ? "" : secrets.resolve(tls.ca());
    List<String> parts = List.of(certificate, key, String.valueOf(passphrase), ca);
    synchronized (made) {
      return made.computeIfAbsent(parts, p -> made(certificate, key, passphrase, ca));
    }
  }

  private static Trust made(String certificate, String key, String passphrase, String ca) {
    HandshakeCertificates.Builder builder =
        new HandshakeCertificates.Builder().addPlatformTrustedCertificates();
    if (!ca.isEmpty()) {
      Pem.certificates("tls.ca", ca).forEach(builder::addTrustedCertificate);
    }
    if (!certificate.isEmpty()) {
      List<X509Certificate> chain = Pem.certificates("tls.certificate", certificate);
      PrivateKey secret = Pem.key("tls.private_key", key, passphrase);
      X509Certificate first = chain.get(0);
      if (!first.getPublicKey().getAlgorithm().equals(secret.getAlgorithm())) {
        throw new MillraceException(
            Failure.CONFIG_INVALID,
            "Cannot use `tls.private_key`: it is of another kind than `tls.certificate`: "
                + secret.getAlgorithm()
                + " and "
                + first.getPublicKey().getAlgorithm()
                + " (name the key that belongs to the certificate)");
      }
      builder.heldCertificate(
          new HeldCertificate(new KeyPair(first.getPublicKey(), secret), first),
          chain.subList(1, chain.size()).toArray(X509Certificate[]::new));
    }
    HandshakeCertificates certificates = builder.build();
    return new Trust(certificates, certificates.sslSocketFactory());
  }
}
