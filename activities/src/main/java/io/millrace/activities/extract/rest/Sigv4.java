package io.millrace.activities.extract.rest;

import io.millrace.activities.secret.Secrets;
import io.millrace.source.Auth;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.ZoneOffset;
import okhttp3.Request;
import okio.Buffer;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.SignedRequest;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.identity.spi.AwsSessionCredentialsIdentity;

/**
 * AWS Signature Version 4. The signer sees host, path, query and body only: other headers need no
 * signature, and what it sees it writes into its log.
 */
final class Sigv4 implements Credentials {
  private final AwsV4HttpSigner signer = AwsV4HttpSigner.create();
  private final AwsCredentialsIdentity identity;
  private final String region;
  private final String service;

  Sigv4(Auth.AwsSigv4 auth, Secrets secrets) {
    String id = secrets.resolve(auth.accessKeyId()).strip();
    String key = secrets.resolveSecret(auth.secretAccessKey()).strip();
    this.identity =
        auth.sessionToken() == null
            ? AwsCredentialsIdentity.create(id, key)
            : AwsSessionCredentialsIdentity.create(
                id, key, secrets.resolveSecret(auth.sessionToken()).strip());
    this.region = secrets.resolve(auth.region()).strip();
    this.service = secrets.resolve(auth.service()).strip();
  }

  @Override
  public Request sign(Request request, Desk desk) {
    SdkHttpRequest.Builder plain =
        SdkHttpRequest.builder()
            .method(SdkHttpMethod.fromValue(request.method()))
            .uri(request.url().uri());
    SignedRequest signed =
        signer.sign(
            to ->
                to.identity(identity)
                    .request(plain.build())
                    .payload(ContentStreamProvider.fromByteArray(body(request)))
                    .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, service)
                    .putProperty(AwsV4HttpSigner.REGION_NAME, region)
                    // S3 alone signs the path as it is
                    .putProperty(AwsV4HttpSigner.DOUBLE_URL_ENCODE, !service.equals("s3"))
                    .putProperty(AwsV4HttpSigner.NORMALIZE_PATH, !service.equals("s3"))
                    .putProperty(
                        HttpSigner.SIGNING_CLOCK, Clock.fixed(desk.now(), ZoneOffset.UTC)));
    Request.Builder out = request.newBuilder();
    signed
        .request()
        .forEachHeader(
            (name, values) -> {
              if (!name.equalsIgnoreCase("Host")) {
                out.header(name, String.join(",", values));
              }
            });
    return out.build();
  }

  static byte[] body(Request request) {
    if (request.body() == null) {
      return new byte[0];
    }
    Buffer buffer = new Buffer();
    try {
      request.body().writeTo(buffer);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return buffer.readByteArray();
  }
}
