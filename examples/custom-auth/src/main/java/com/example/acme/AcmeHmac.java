package com.example.acme;

import io.millrace.plugin.AuthPlugin;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * {@code auth: {type: acme_hmac, key_id: …, secret: …}}: signs method, address and body of each
 * request.
 */
public final class AcmeHmac implements AuthPlugin {
  @Override
  public String type() {
    return "acme_hmac";
  }

  @Override
  public Signer signer(Map<String, String> options) {
    String keyId = required(options, "key_id");
    byte[] secret = required(options, "secret").getBytes(StandardCharsets.UTF_8);
    return request -> {
      request.header("X-Acme-Key", keyId);
      request.header("X-Acme-Signature", signature(secret, request));
    };
  }

  private static String signature(byte[] secret, Outgoing request) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      mac.update((request.method() + "\n" + request.uri() + "\n").getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(mac.doFinal(request.body()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("no HMAC here", e);
    }
  }

  private static String required(Map<String, String> options, String name) {
    String value = options.get(name);
    if (value == null || value.isEmpty()) {
      throw new IllegalArgumentException("the key is missing: " + name);
    }
    return value;
  }
}
