package io.millrace.activities.extract.rest;

import io.millrace.Failure;
import io.millrace.MillraceException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/** Keys and certificates as PEM. No message and no cause holds anything of a key. */
final class Pem {
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----");

  /** SEQUENCE { INTEGER 0, AlgorithmIdentifier rsaEncryption }, without the outer header. */
  private static final byte[] RSA = HexFormat.of().parseHex("020100300d06092a864886f70d0101010500");

  private Pem() {}

  /**
   * @param what the configuration's key, for messages
   * @param passphrase {@code null} when the key is not encrypted
   */
  static PrivateKey key(String what, String pem, String passphrase) {
    // variables of the environment and JSON files hold line breaks as two characters
    Matcher block = BLOCK.matcher(pem.replace("\\n", "\n"));
    while (block.find()) {
      String type = block.group(1);
      if (type.endsWith("PRIVATE KEY")) {
        try {
          return key(what, type, block.group(2), passphrase);
        } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
          throw refused(
              what,
              type.startsWith("ENCRYPTED")
                  ? "its passphrase is wrong, or it is damaged"
                  : "it is damaged");
        }
      }
    }
    throw refused(what, "it is not PEM with a private key");
  }

  /** All certificates, in their order; at least one. */
  static List<X509Certificate> certificates(String what, String pem) {
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      List<X509Certificate> found = new ArrayList<>();
      Matcher block = BLOCK.matcher(pem.replace("\\n", "\n"));
      while (block.find()) {
        if (block.group(1).equals("CERTIFICATE")) {
          found.add(
              (X509Certificate)
                  factory.generateCertificate(
                      new ByteArrayInputStream(block.group().getBytes(StandardCharsets.US_ASCII))));
        }
      }
      if (!found.isEmpty()) {
        return found;
      }
    } catch (CertificateException e) {
      // said below
    }
    throw new MillraceException(
        Failure.CONFIG_INVALID,
        "Cannot use `"
            + what
            + "`: it is not PEM with a certificate (write ${file:…} with the path of a .pem file)");
  }

  private static PrivateKey key(String what, String type, String body, String passphrase)
      throws GeneralSecurityException, IOException {
    if (body.contains("Proc-Type") || type.equals("EC PRIVATE KEY")) {
      throw refused(what, "its format is an old one");
    }
    byte[] der = Base64.getMimeDecoder().decode(body.strip());
    return switch (type) {
      case "PRIVATE KEY" -> pkcs8(new PKCS8EncodedKeySpec(der));
      case "RSA PRIVATE KEY" -> pkcs8(new PKCS8EncodedKeySpec(pkcs8(der)));
      case "ENCRYPTED PRIVATE KEY" -> {
        if (passphrase == null) {
          throw refused(what, "it is encrypted and `private_key_passphrase` is missing");
        }
        yield pkcs8(decrypted(new EncryptedPrivateKeyInfo(der), passphrase));
      }
      default -> throw refused(what, "its format is not known: " + type);
    };
  }

  private static PKCS8EncodedKeySpec decrypted(EncryptedPrivateKeyInfo info, String passphrase)
      throws GeneralSecurityException {
    // the parameters print as the algorithm's name; the name that info tells is often only "PBES2"
    boolean pbes2 = info.getAlgName().equals("PBES2") || info.getAlgName().startsWith("1.2");
    String algorithm = pbes2 ? info.getAlgParameters().toString() : info.getAlgName();
    Key key =
        SecretKeyFactory.getInstance(algorithm)
            .generateSecret(new PBEKeySpec(passphrase.toCharArray()));
    Cipher cipher = Cipher.getInstance(algorithm);
    cipher.init(Cipher.DECRYPT_MODE, key, info.getAlgParameters());
    return info.getKeySpec(cipher);
  }

  private static PrivateKey pkcs8(PKCS8EncodedKeySpec spec) throws GeneralSecurityException {
    try {
      return KeyFactory.getInstance("RSA").generatePrivate(spec);
    } catch (GeneralSecurityException e) {
      return KeyFactory.getInstance("EC").generatePrivate(spec);
    }
  }

  /** An RSA key as OpenSSL wrote it once, in the wrapping that Java reads. */
  private static byte[] pkcs8(byte[] pkcs1) throws IOException {
    ByteArrayOutputStream inner = new ByteArrayOutputStream();
    inner.write(RSA);
    inner.write(0x04);
    length(inner, pkcs1.length);
    inner.write(pkcs1);
    ByteArrayOutputStream outer = new ByteArrayOutputStream();
    outer.write(0x30);
    length(outer, inner.size());
    inner.writeTo(outer);
    return outer.toByteArray();
  }

  private static void length(ByteArrayOutputStream out, int length) {
    if (length < 128) {
      out.write(length);
    } else if (length < 256) {
      out.write(0x81);
      out.write(length);
    } else {
      out.write(0x82);
      out.write(length >> 8);
      out.write(length);
    }
  }

  private static MillraceException refused(String what, String why) {
    return new MillraceException(
        Failure.CONFIG_INVALID,
        "Cannot use `"
            + what
            + "`: "
            + why
            + " (write ${file:…} with the path of a PEM file in PKCS #8: openssl pkcs8 -topk8 -in"
            + " old.pem -out new.pem)");
  }
}
