package io.millrace.activities.extract.rest;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.millrace.Failure;
import io.millrace.MillraceException;
import io.millrace.activities.secret.Secrets;
import io.millrace.project.Text;
import io.millrace.source.Auth;
import java.security.PrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.UUID;

/** What a service account says of itself, signed with its key. Holds the key: never printed. */
final class Assertion {
  /** Google takes an hour at most. */
  private static final Duration VALID = Duration.ofHours(1);

  private final String issuer;
  private final String subject;
  private final String audience;
  private final String scope;
  private final String keyId;
  private final PrivateKey privateKey;

  private Assertion(
      String issuer,
      String subject,
      String audience,
      String scope,
      String keyId,
      PrivateKey privateKey) {
    this.issuer = issuer;
    this.subject = subject;
    this.audience = audience;
    this.scope = scope;
    this.keyId = keyId;
    this.privateKey = privateKey;
  }

  static Assertion of(Auth.OAuth2JwtBearer auth, Secrets secrets) {
    String issuer = secrets.resolve(auth.clientId());
    Text audience = auth.audience() == null ? auth.authEndpoint() : auth.audience();
    Text passphrase = auth.privateKeyPassphrase();
    return new Assertion(
        issuer,
        auth.subject() == null ? issuer : secrets.resolve(auth.subject()),
        secrets.resolve(audience),
        String.join(" ", auth.scopes()),
        auth.keyId(),
        Pem.key(
            "private_key",
            secrets.resolveSecret(auth.privateKey()),
            passphrase == null ? null : secrets.resolveSecret(passphrase)));
  }

  /** The same for those who may share a token. */
  List<Object> key() {
    return List.of(issuer, subject, audience, scope, String.valueOf(keyId), privateKey);
  }

  String signed(Instant now) {
    JWTClaimsSet.Builder claims =
        new JWTClaimsSet.Builder()
            .issuer(issuer)
            .subject(subject)
            .audience(audience)
            .issueTime(Date.from(now))
            .expirationTime(Date.from(now.plus(VALID)))
            .jwtID(UUID.randomUUID().toString());
    if (!scope.isEmpty()) {
      claims.claim("scope", scope);
    }
    JWSHeader header =
        new JWSHeader.Builder(JWSAlgorithm.RS256).type(JOSEObjectType.JWT).keyID(keyId).build();
    SignedJWT jwt = new SignedJWT(header, claims.build());
    try {
      jwt.sign(new RSASSASigner(privateKey));
      return jwt.serialize();
    } catch (JOSEException | IllegalArgumentException e) {
      throw new MillraceException(
          Failure.CONFIG_INVALID,
          "Cannot sign a JWT: `private_key` is not an RSA key of 2048 bits or more: "
              + privateKey.getAlgorithm());
    }
  }
}
