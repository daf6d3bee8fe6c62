package io.unfreed.schemas.wire;

import io.unfreed.schemas.Session;
import org.apache.avro.util.ClassSecurityValidator;

/**
 * Avro 1.12.2 loads no class by the name in a schema unless it is trusted, and answers "Forbidden
 * ... This class is not trusted" for our own enums, when decoding and when copying with a builder.
 * This adds the package of the generated records to what is trusted already.
 */
public final class GeneratedClasses {
  private GeneratedClasses() {}

  /** Makes the generated records loadable in this JVM; further calls do nothing. */
  public static void trust() {
    Once.trusted();
  }

  private static final class Once {
    private static final String PACKAGE = Session.class.getPackageName();

    static {
      ClassSecurityValidator.setGlobal(
          ClassSecurityValidator.composite(
              ClassSecurityValidator.getGlobal(), type -> type.getPackageName().equals(PACKAGE)));
    }

    private Once() {}

    /** Runs the initialiser. */
    static void trusted() {}
  }
}
