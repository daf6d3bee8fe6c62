package io.unfreed.collector.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryLimitTest {
  @TempDir Path root;

  private void file(String name, String text) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private Long limit() {
    return new MemoryLimit(root).of("7");
  }

  @Test
  void shouldTakeTheLeastOfTheGroupsAroundWhenTheyAreUnified() throws IOException {
    file("proc/7/cgroup", "0::/system.slice/app.service\n");
    file("sys/fs/cgroup/system.slice/app.service/memory.max", "max\n");
    assertThat(limit()).isNull();

    file("sys/fs/cgroup/system.slice/memory.max", "1073741824\n");
    assertThat(limit()).isEqualTo(1L << 30);

    file("sys/fs/cgroup/system.slice/app.service/memory.max", "536870912\n");
    assertThat(limit()).isEqualTo(1L << 29);
  }

  @Test
  void shouldTakeTheFirstVersionsLimitWhenMemoryHasAHierarchyOfItsOwn() throws IOException {
    file("proc/7/cgroup", "9:name=systemd:/\n4:cpu,memory:/docker/abc\n0::/\n");
    file("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    file("sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes", "268435456\n");

    assertThat(limit()).isEqualTo(1L << 28);
  }

  @Test
  void shouldLookWhereItsOwnGroupIsMountedWhenItRunsInAContainer() throws IOException {
    file("proc/7/cgroup", "4:memory:/kubepods/pod1/abc\n");
    file("sys/fs/cgroup/memory/memory.limit_in_bytes", "268435456\n");

    assertThat(limit()).isEqualTo(1L << 28);
  }

  @Test
  void shouldSayNothingWhenThereIsNoLimit() throws IOException {
    assertThat(limit()).as("no process").isNull();
    file("proc/7/cgroup", "4:memory:/a\n0::/../b\nnonsense\n");
    file("sys/fs/cgroup/memory/a/memory.limit_in_bytes", "9223372036854771712\n");
    assertThat(limit()).isNull();
  }
}
