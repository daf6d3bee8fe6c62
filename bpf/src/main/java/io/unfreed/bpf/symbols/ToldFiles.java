package io.unfreed.bpf.symbols;

import io.unfreed.bpf.ffi.NativePath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Where the file of a path that a process itself told may be found.
 *
 * @param path absolute, as the process knows it
 */
record ToldFiles(String path, Teller teller) {
  /** What lies under that name now, in our own root and in that of the process. */
  Stream<Path> named() {
    return Stream.of(NativePath.of(path), inItsRoot()).filter(Files::isRegularFile);
  }

  /**
   * The same without what was made or changed since the process began: it may be another file than
   * that which the process has mapped. The process's own root is asked first.
   */
  Stream<Path> namedAsItWas() {
    return Stream.of(inItsRoot(), NativePath.of(path)).filter(this::isAsItWas);
  }

  /**
   * What the process runs or maps under that name, whatever lies there by now: to open the mapping
   * of a file that was deleted or replaced takes CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE. Its maps
   * are long, and read when nothing before them was the one.
   */
  Stream<Path> held() {
    return Stream.<Supplier<Stream<Path>>>of(this::program, this::mapped).flatMap(Supplier::get);
  }

  private Stream<Path> program() {
    try {
      Path program = Path.of("/proc/" + teller.tgid() + "/exe");
      String name = NativePath.text(Files.readSymbolicLink(program));
      return ProcessMaps.withoutDeleted(name).equals(path) ? Stream.of(program) : Stream.empty();
    } catch (IOException gone) {
      return Stream.empty();
    }
  }

  private Stream<Path> mapped() {
    try {
      return ProcessMaps.read(teller.tgid()).objects().stream()
          .filter(object -> object.path().equals(path))
          .map(MappedObject::openable);
    } catch (IOException gone) {
      return Stream.empty();
    }
  }

  private Path inItsRoot() {
    return NativePath.of("/proc/" + teller.tgid() + "/root" + path);
  }

  private boolean isAsItWas(Path file) {
    try {
      FileTime changed = (FileTime) Files.getAttribute(file, "unix:ctime");
      return Files.isRegularFile(file) && changed.compareTo(teller.began()) <= 0;
    } catch (IOException gone) {
      return false;
    }
  }
}
