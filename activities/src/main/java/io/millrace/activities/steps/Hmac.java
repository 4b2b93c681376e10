package io.millrace.activities.steps;

import io.millrace.Failure;
import io.millrace.MillraceException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** HMAC-SHA-256 of a value: of a text itself, of anything else its JSON. In hexadecimal. */
final class Hmac implements Steps.Change {
  private final SecretKeySpec key;

  Hmac(String secret) {
    if (secret.isEmpty()) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot hash fields: the secret of the hash step is empty (anybody could try all values"
              + " without one)");
    }
    this.key = new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256");
  }

  @Override
  public Object of(Object value) {
    try {
      byte[] bytes =
          value instanceof String text
              ? text.getBytes(StandardCharsets.UTF_8)
              : RecordJson.write(value);
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      return HexFormat.of().formatHex(mac.doFinal(bytes));
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
