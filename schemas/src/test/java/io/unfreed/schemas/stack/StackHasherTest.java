package io.unfreed.schemas.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Stack ids are for ever: these vectors must not change. */
class StackHasherTest {
  private static final List<FrameKey> FRAMES =
      List.of(
          new FrameKey.InBuild("0123abcd", 0x1139),
          new FrameKey.InModule("/usr/bin/größe", -1),
          new FrameKey.Raw(0x7fff_0000_1234L),
          new FrameKey.Named("m", "f", "x.c", 12, true),
          new FrameKey.Named("", "g", "", 0, false));

  @Test
  void shouldHashTheBytesThatTheFormatTellsWhenFramesAreOfEveryKind() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeByte(1);
    out.writeInt(5);
    out.writeByte(1);
    text(out, "0123abcd");
    out.writeLong(0x1139);
    out.writeByte(2);
    text(out, "/usr/bin/größe");
    out.writeLong(-1);
    out.writeByte(3);
    out.writeLong(0x7fff_0000_1234L);
    out.writeByte(4);
    text(out, "m");
    text(out, "f");
    text(out, "x.c");
    out.writeInt(12);
    out.writeByte(1);
    out.writeByte(4);
    text(out, "");
    text(out, "g");
    text(out, "");
    out.writeInt(0);
    out.writeByte(0);
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes.toByteArray());

    assertThat(new StackHasher().hash(FRAMES))
        .hasToString(HexFormat.of().formatHex(digest, 0, StackId.BYTES));
  }

  @Test
  void shouldStayTheSameWhenTheVersionOfUnfreedChanges() {
    StackHasher hasher = new StackHasher();

    assertThat(hasher.hash(List.of())).hasToString("957b88b12730e646e0f33d3618b77dfa");
    assertThat(hasher.hash(FRAMES)).hasToString("eb245672166754a842f822fcbff23b09");
    assertThat(hasher.hash(FRAMES)).as("reused").isEqualTo(hasher.hash(FRAMES));
  }

  @Test
  void shouldOrderAsItsHexTextWhenIdsAreCompared() {
    StackId low = new StackId(1, -1);
    StackId high = new StackId(-1, 0);

    assertThat(low).isLessThan(high);
    assertThat(low.toString()).isLessThan(high.toString());
    assertThat(StackId.parse(high.toString())).isEqualTo(high);
    assertThat(StackId.of(high.toHash())).isEqualTo(high);
  }

  private static void text(DataOutputStream out, String text) throws Exception {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(utf8.length);
    out.write(utf8);
  }
}
