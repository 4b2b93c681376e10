package io.millrace.run;

import io.millrace.Failure;
import io.temporal.api.common.v1.Payload;
import io.temporal.failure.ApplicationFailure;
import io.temporal.payload.codec.PayloadCodec;
import java.util.List;

/**
 * Refuses a payload that is too large before it is sent. The server would end the workflow without
 * a chance to clean up, or record nothing and let the activity run into its timeout.
 */
final class PayloadGuard implements PayloadCodec {
  /** Only counts what we send. */
  @Override
  public List<Payload> encode(List<Payload> payloads) {
    for (Payload payload : payloads) {
      int bytes = payload.getSerializedSize();
      if (bytes > Wire.MAX_PAYLOAD_BYTES) {
        // A Temporal failure, not a MillraceException: in workflow code any other exception would
        // repeat the workflow task for ever.
        throw ApplicationFailure.newNonRetryableFailure(
            "Cannot send a payload: larger than "
                + Wire.MAX_PAYLOAD_BYTES
                + " bytes: "
                + bytes
                + " (this is a mistake of ours, please report it)",
            Failure.INTERNAL.name());
      }
    }
    return payloads;
  }

  /** An older worker may have sent more. */
  @Override
  public List<Payload> decode(List<Payload> payloads) {
    return payloads;
  }
}
