package io.unfreed.bpf.symbols;

import java.nio.file.attribute.FileTime;

/**
 * A process that tells what it maps itself, and may be gone when that is looked at.
 *
 * @param began when it had become this program: what it runs was not changed later
 */
public record Teller(int tgid, FileTime began) {}
