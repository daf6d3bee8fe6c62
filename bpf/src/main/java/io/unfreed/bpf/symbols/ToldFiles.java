package io.unfreed.bpf.symbols;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Where the file of a path that a process itself told may be found. */
final class ToldFiles {
  private ToldFiles() {}

  /**
   * Our own file of that path, the process's, and at last, for one that was deleted or replaced
   * since, what it runs or maps under that name: to open mappings takes CAP_SYS_ADMIN or
   * CAP_CHECKPOINT_RESTORE.
   */
  static List<Path> of(String path, int tgid) {
    List<Path> files = new ArrayList<>();
    files.add(Path.of(path));
    files.add(Path.of("/proc/" + tgid + "/root" + path));
    try {
      Path program = Path.of("/proc/" + tgid + "/exe");
      if (ProcessMaps.withoutDeleted(Files.readSymbolicLink(program).toString()).equals(path)) {
        files.add(program);
      }
      ProcessMaps.read(tgid).objects().stream()
          .filter(object -> object.path().equals(path))
          .map(MappedObject::openable)
          .forEach(files::add);
    } catch (IOException gone) {
      // Nor can it be asked what it maps.
    }
    return files;
  }
}
