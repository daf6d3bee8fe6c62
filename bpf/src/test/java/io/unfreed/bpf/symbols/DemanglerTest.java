package io.unfreed.bpf.symbols;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.bpf.CompiledC;
import io.unfreed.bpf.ffi.NativeLibraries;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Names as compilers make them; the v0 ones are rustc's, and what binutils' c++filt says. */
class DemanglerTest {
  private static final Map<String, String> V0 =
      Map.ofEntries(
          Map.entry("_RNvCs1234_7mycrate4main", "mycrate::main"),
          Map.entry(
              "_RINvCsjMaewn57Afh_1t4gen3FG_RL0_eERL0_eEB2_",
              "t::gen3::<for<'a> fn(&'a str) -> &'a str>"),
          Map.entry("_RINvCsjMaewn57Afh_1t4gen3FKChEaEB2_", "t::gen3::<extern \"C\" fn(u8) -> i8>"),
          Map.entry(
              "_RINvCsjMaewn57Afh_1t4gen3FUPhOxEuEB2_",
              "t::gen3::<unsafe fn(*const u8, *mut i64)>"),
          Map.entry(
              "_RINvCsjMaewn57Afh_1t4gen3INtNtCslNYArtu3iFV_5alloc5boxed3BoxDNtNtNtNtCsgEmfK2I1SDS_"
                  + "4core4iter6traits8iterator8Iteratorp4ItemhEL_EEB2_",
              "t::gen3::<alloc::boxed::Box<dyn core::iter::traits::iterator::Iterator<Item = u8>>>"),
          Map.entry("_RNvNtCsjMaewn57Afh_1tu9gre_6ka8iu8bung_zra", "t::größe::übung"),
          Map.entry(
              "_RNvMs_CsjMaewn57Afh_1tINtB4_2SqmKj3_E8inherentB4_", "<t::Sq<u32, 3>>::inherent"),
          Map.entry(
              "_RNvMs0_CsjMaewn57Afh_1tINtB5_1KKb1_Kc78_Kln5_E1kB5_", "<t::K<true, 'x', -5>>::k"),
          Map.entry(
              "_RNCNCINvNtNtCsjrHSEGnQ3l9_3std6thread9lifecycle15spawn_uncheckedNCNvCsjMaewn57Afh_"
                  + "1t4main0uE00B14_.llvm.1A2B3C",
              "std::thread::lifecycle::spawn_unchecked::<t::main::{closure#0}, ()>"
                  + "::{closure#0}::{closure#0}"));

  @Test
  void shouldReadRustsNewScheme() {
    V0.forEach((mangled, readable) -> assertThat(Demangler.demangle(mangled)).isEqualTo(readable));
  }

  @Test
  void shouldGiveUpOnWhatItDoesNotUnderstandWhateverThatIs() {
    assertThat(Demangler.demangle("_RINvB_E")).isEqualTo("_RINvB_E");
    assertThat(Demangler.demangle("_R")).isEqualTo("_R");
    String nested = "_R" + "I".repeat(5000) + "C1a";
    assertThat(Demangler.demangle(nested)).isEqualTo(nested);
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (String mangled : V0.keySet()) {
      for (int i = 0; i < 2000; i++) {
        StringBuilder damaged = new StringBuilder(mangled);
        int at = 2 + random.nextInt(mangled.length() - 2);
        if (random.nextBoolean()) {
          damaged.setLength(at);
        } else {
          damaged.setCharAt(at, mangled.charAt(2 + random.nextInt(mangled.length() - 2)));
        }
        assertThat(Demangler.demangle(damaged.toString())).describedAs("seed %d", seed).isNotNull();
      }
    }
  }

  @Test
  void shouldDemangleCxxAndLegacyRustAndLeaveTheRest() {
    CompiledC.assumeLibrary(NativeLibraries.libstdcxx(), "libstdc++.so.6");
    assertThat(Demangler.demangle("_ZNSt6vectorIiSaIiEE9push_backEOi"))
        .isEqualTo("std::vector<int, std::allocator<int> >::push_back(int&&)");
    assertThat(
            Demangler.demangle(
                "_ZN4core3ptr42drop_in_place$LT$alloc..string..String$GT$17h0123456789abcdefE"))
        .isEqualTo("core::ptr::drop_in_place<alloc::string::String>");
    assertThat(
            Demangler.demangle(
                "_ZN5alloc7raw_vec19RawVec$LT$T$C$A$GT$8grow_one17h0123456789abcdefE.llvm.77AF01"))
        .isEqualTo("alloc::raw_vec::RawVec<T,A>::grow_one");
    assertThat(Demangler.demangle("main")).isEqualTo("main");
  }

  @Test
  void shouldLeaveOutTheVersionOfASymbol() {
    assertThat(Demangler.demangle("pthread_create@@GLIBC_2.34")).isEqualTo("pthread_create");
    assertThat(Demangler.demangle("memcpy@GLIBC_2.2.5")).isEqualTo("memcpy");
    assertThat(Demangler.demangle("@plain")).isEqualTo("@plain");
  }
}
