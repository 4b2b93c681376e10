package io.millrace.activities.normalize.value;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Shake128Test {
  @ParameterizedTest
  @CsvSource({
    "0, 7f9c2ba4e88f827d616045507605853ed73b8093",
    "1, 0b784469a0628e03861cd8a196dfafa0e9e8056d",
    "7, 4652c0aed60f33ef1b6dd719770cffc99756d686",
    "8, 2ea7a0601b9c5cb41e469f854077c1e33aac94d3",
    "9, cd53ff1056acaf76c777170b6e120101d9996fad",
    "135, d11fafa27f42a8162b8ae013535771de81722c0a",
    "136, 30bdfd69382cab028173fba7c6d53878ec180813",
    "137, 047a94427406b3ac81270fe1c3aafe1594f121bd",
    "167, 1e552791cc4e93a0d4a8dc47ae49228c2faa869e",
    "168, f15277eb61c4908d44a2853f3cde071ae2ed7a23",
    "169, 015be3338c986d9846affa0f94b4afc2a76bc289",
    "335, b895bc4d15aaf7e4e95cc67e2ccc8b51c5d70e66",
    "336, 278918d9abddd4a3c154affd8fe4f85e8e890eb2",
    "337, 0c2700a9aae2f7a3886a7130bc9d90790e32b509",
    "1000, a72440f7f5aa7c14c8e0187420611da7e2ba62f5",
  })
  void digestsMessagesOfEveryNumberOfBlocks(int length, String hex) {
    byte[] in = pattern(length + 3);
    byte[] message = new byte[length + 3];
    System.arraycopy(pattern(length), 0, message, 3, length);
    byte[] out = new byte[22];
    Shake128.digest(message, 3, length, out, 1, 20);
    assertThat(HexFormat.of().formatHex(out, 1, 21)).isEqualTo(hex);
    assertThat(out[0]).isZero();
    assertThat(out[21]).isZero();
    Shake128 reused = new Shake128();
    reused.hash(in, 0, in.length, out, 0, 20);
    reused.hash(message, 3, length, out, 0, 20);
    assertThat(HexFormat.of().formatHex(out, 0, 20)).isEqualTo(hex);
  }

  @Test
  void squeezesMoreThanOneBlock() throws Exception {
    byte[] out = new byte[400];
    Shake128.digest(pattern(500), 0, 500, out, 0, 400);
    assertThat(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(out)))
        .isEqualTo("0ad79f13d110995a26c7da8360a7b8f315f2e67b42dd31946115da3c8030ef0a");
  }

  @Test
  void agreesWithTheJdkOnSha3() throws Exception {
    for (int n = 0; n < 600; n++) {
      assertThat(Shake128.sha3_256(pattern(n)))
          .as("%d bytes", n)
          .isEqualTo(MessageDigest.getInstance("SHA3-256").digest(pattern(n)));
    }
  }

  private static byte[] pattern(int length) {
    byte[] out = new byte[length];
    for (int i = 0; i < length; i++) {
      out[i] = (byte) (i % 251);
    }
    return Arrays.copyOf(out, length);
  }
}
