//! Defines the macros that libsodium's `configure` would define for the target.
//!
//! The macros for AES and for ARM instructions are left out, because libzmq's encryption does not use this code. The files for
//! particular x86 instructions select these instructions themselves. When the program starts, libsodium chooses the code that the
//! processor supports.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{compile, variable};

/// The system to compile for. It can differ from the system that compiles.
pub(crate) struct Target {
    os: String,
    env: String,
    arch: String,
    width: String,
    endian: String,
    unix: bool,
    apple: bool,
}

impl Target {
    pub(crate) fn from_env() -> Result<Target, String> {
        Ok(Target {
            os: variable("CARGO_CFG_TARGET_OS")?,
            env: variable("CARGO_CFG_TARGET_ENV").unwrap_or_default(),
            arch: variable("CARGO_CFG_TARGET_ARCH")?,
            width: variable("CARGO_CFG_TARGET_POINTER_WIDTH")?,
            endian: variable("CARGO_CFG_TARGET_ENDIAN")?,
            unix: variable("CARGO_CFG_UNIX").is_ok(),
            apple: variable("CARGO_CFG_TARGET_VENDOR").is_ok_and(|vendor| vendor == "apple"),
        })
    }

    pub(crate) fn is_windows(&self) -> bool {
        self.os == "windows"
    }

    pub(crate) fn is_msvc(&self) -> bool {
        self.env == "msvc"
    }

    fn is_x86(&self) -> bool {
        self.arch == "x86_64" || self.arch == "x86"
    }

    /// Returns whether libsodium's assembly can be used: it is for x86-64 and the calling convention of Unix.
    pub(crate) fn has_assembly(&self) -> bool {
        self.arch == "x86_64" && self.width == "64" && self.unix
    }

    /// Returns the macros that need no probe.
    fn known(&self) -> Vec<(&'static str, Option<&'static str>)> {
        // With `SODIUM_STATIC`, the program does not export libsodium's functions.
        let mut macros = vec![("SODIUM_STATIC", Some("1")), ("CONFIGURED", Some("1"))];
        macros.push(if self.endian == "big" {
            ("NATIVE_BIG_ENDIAN", Some("1"))
        } else {
            ("NATIVE_LITTLE_ENDIAN", Some("1"))
        });
        if self.is_msvc() {
            // libsodium's headers decide everything else from the compiler's macros.
            macros.extend([("inline", Some("__inline")), ("_CRT_SECURE_NO_WARNINGS", None)]);
            return macros;
        }
        macros.extend(
            [
                "HAVE_INLINE_ASM",
                "HAVE_ATOMIC_OPS",
                "HAVE_C11_MEMORY_FENCES",
                "HAVE_GCC_MEMORY_FENCES",
                "HAVE_RAISE",
            ]
            .map(|name| (name, Some("1"))),
        );
        if self.unix {
            macros.extend(["HAVE_PTHREAD", "HAVE_WEAK_SYMBOLS"].map(|name| (name, Some("1"))));
            macros.push(("_GNU_SOURCE", Some("1")));
            macros.push(("ASM_HIDE_SYMBOL", Some(if self.apple { ".private_extern" } else { ".hidden" })));
        }
        if self.os == "linux" {
            // Checks for buffer overflows where they cost nothing, as in libsodium's own build.
            macros.push(("_FORTIFY_SOURCE", Some("3")));
        }
        if self.is_x86() {
            macros.extend(["HAVE_CPUID", "HAVE_XGETBV_ASM"].map(|name| (name, Some("1"))));
        }
        if self.has_assembly() {
            macros.extend(["HAVE_AMD64_ASM", "HAVE_AVX_ASM"].map(|name| (name, Some("1"))));
        }
        macros
    }
}

/// A snippet of C. If the target's compiler can compile it, the macro is defined.
struct Probe {
    define: &'static str,
    headers: &'static str,
    body: &'static str,
}

const fn probe(define: &'static str, headers: &'static str, body: &'static str) -> Probe {
    Probe { define, headers, body }
}

/// The probes for every compiler except Visual C++.
const ALL: [Probe; 2] = [
    probe("HAVE_TI_MODE", "stdint.h", "unsigned __int128 x = 1; (void) x;"),
    probe("TLS=_Thread_local", "stdint.h", "static _Thread_local int x; (void) x;"),
];

/// The probes for instructions that the compiler knows. Each probe selects the instructions as libsodium's files do.
const X86: [Probe; 8] = [
    probe("HAVE_CET_H", "cet.h", ""),
    probe("HAVE_EMMINTRIN_H", "emmintrin.h", "volatile __m128i x = _mm_setzero_si128 (); (void) x;"),
    probe("HAVE_PMMINTRIN_H", "pmmintrin.h", "volatile __m128d x = _mm_setzero_pd (); (void) x;"),
    probe(
        "HAVE_TMMINTRIN_H",
        "tmmintrin.h",
        "volatile __m128i x = _mm_abs_epi8 (_mm_setzero_si128 ()); (void) x;",
    ),
    probe(
        "HAVE_SMMINTRIN_H",
        "smmintrin.h",
        "volatile __m128i x = _mm_minpos_epu16 (_mm_setzero_si128 ()); (void) x;",
    ),
    probe("HAVE_AVXINTRIN_H", "immintrin.h", "volatile __m256d x = _mm256_setzero_pd (); (void) x;"),
    probe(
        "HAVE_AVX2INTRIN_H",
        "immintrin.h",
        "volatile __m256i x = _mm256_abs_epi8 (_mm256_setzero_si256 ()); (void) x;",
    ),
    probe(
        "HAVE_AVX512FINTRIN_H",
        "immintrin.h",
        "volatile __m512i x = _mm512_rol_epi32 (_mm512_setzero_si512 (), 7); (void) x;",
    ),
];

/// The probes for Unix. A probe takes the address of a function, because a call of an undeclared function may compile.
const UNIX: [Probe; 21] = [
    probe("HAVE_SYS_MMAN_H", "sys/mman.h", ""),
    probe("HAVE_SYS_PARAM_H", "sys/param.h", ""),
    probe("HAVE_SYS_RANDOM_H", "sys/random.h", ""),
    probe("HAVE_SYS_AUXV_H", "sys/auxv.h", ""),
    probe("HAVE_THREADS_H", "threads.h", "(void) thrd_success;"),
    probe("HAVE_ALLOCA_H", "alloca.h", ""),
    probe("HAVE_ALLOCA", "alloca.h stddef.h", "volatile char *x = alloca (4); (void) x;"),
    probe("HAVE_GETAUXVAL", "sys/auxv.h", "(void) &getauxval;"),
    probe("HAVE_ELF_AUX_INFO", "sys/auxv.h", "(void) &elf_aux_info;"),
    probe("HAVE_GETRANDOM", "stdlib.h sys/random.h", "(void) &getrandom;"),
    probe("HAVE_GETENTROPY", "stdlib.h unistd.h sys/random.h", "(void) &getentropy;"),
    probe("HAVE_GETPID", "unistd.h", "(void) &getpid;"),
    probe("HAVE_MMAP", "sys/mman.h", "(void) &mmap;"),
    probe("HAVE_MLOCK", "sys/mman.h", "(void) &mlock;"),
    probe("HAVE_MADVISE", "sys/mman.h", "(void) &madvise;"),
    probe("HAVE_MPROTECT", "sys/mman.h", "(void) &mprotect;"),
    probe("HAVE_NANOSLEEP", "time.h", "(void) &nanosleep;"),
    probe("HAVE_POSIX_MEMALIGN", "stdlib.h", "(void) &posix_memalign;"),
    probe("HAVE_SYSCONF", "unistd.h", "(void) &sysconf; (void) _SC_PAGESIZE;"),
    probe("HAVE_EXPLICIT_BZERO", "string.h strings.h", "(void) &explicit_bzero;"),
    probe("HAVE_MEMSET_S", "string.h", "(void) &memset_s; rsize_t x; (void) x;"),
];

/// Returns all macros that the source is compiled with.
///
/// # Errors
///
/// Fails if the compiler is missing or fails.
pub(crate) fn macros(target: &Target, out_dir: &Path) -> Result<Vec<(String, Option<String>)>, String> {
    let owned = |(name, value): (&str, Option<&str>)| (name.to_owned(), value.map(str::to_owned));
    let mut macros: Vec<_> = target.known().into_iter().map(owned).collect();
    let dir = out_dir.join("probes");
    fs::create_dir_all(&dir).map_err(|error| format!("cannot create {}: {error}", dir.display()))?;
    // If the compiler cannot compile anything, the other probes have no meaning.
    has(target, &dir, &probe("compiler", "stddef.h", "")).map_err(|error| compile::failure(&error))?;
    if target.is_msvc() {
        return Ok(macros);
    }
    let x86: &[Probe] = if target.is_x86() { &X86 } else { &[] };
    let unix: &[Probe] = if target.unix { &UNIX } else { &[] };
    for probe in ALL.iter().chain(x86).chain(unix) {
        if has(target, &dir, probe).is_ok() {
            let (name, value) = probe.define.split_once('=').unwrap_or((probe.define, "1"));
            macros.push((name.to_owned(), Some(value.to_owned())));
        }
    }
    Ok(macros)
}

fn has(target: &Target, dir: &Path, probe: &Probe) -> Result<(), cc::Error> {
    let mut text = String::new();
    let instructions = match probe.define {
        "HAVE_EMMINTRIN_H" => "sse2",
        "HAVE_PMMINTRIN_H" => "sse3",
        "HAVE_TMMINTRIN_H" => "ssse3",
        "HAVE_SMMINTRIN_H" => "sse4.1",
        "HAVE_AVXINTRIN_H" => "avx",
        "HAVE_AVX2INTRIN_H" => "avx2",
        "HAVE_AVX512FINTRIN_H" => "avx512f",
        _ => "",
    };
    if !instructions.is_empty() {
        text.push_str(&format!(
            "#ifdef __clang__\n\
             # if __clang_major__ >= 18 && __clang_major__ < 22 && {evex}\n\
             #  pragma clang attribute push (__attribute__ ((target (\"{instructions},evex512\"))), apply_to = function)\n\
             # else\n\
             #  pragma clang attribute push (__attribute__ ((target (\"{instructions}\"))), apply_to = function)\n\
             # endif\n\
             #else\n\
             # pragma GCC target (\"{instructions}\")\n\
             #endif\n",
            evex = u8::from(instructions == "avx512f")
        ));
    }
    for header in probe.headers.split_whitespace() {
        text.push_str(&format!("#include <{header}>\n"));
    }
    text.push_str(&format!("void probe (void);\nvoid probe (void)\n{{\n{}\n}}\n", probe.body));
    if !instructions.is_empty() {
        text.push_str("#ifdef __clang__\n# pragma clang attribute pop\n#endif\n");
    }
    let name = probe.define.split('=').next().unwrap_or_default().to_lowercase();
    let file: PathBuf = dir.join(format!("{name}.c"));
    // If the file cannot be written, the compiler fails. The first probe reports this.
    let _ = fs::write(&file, text);
    let mut build = compile::base(target);
    // Only if the first probe fails, the user needs to see what the compiler prints.
    let shows = probe.define == "compiler";
    build.out_dir(dir).file(&file).cargo_metadata(false).cargo_warnings(shows).cargo_output(shows);
    if !target.is_msvc() {
        build.define("_GNU_SOURCE", Some("1")).define("__STDC_WANT_LIB_EXT1__", Some("1"));
    }
    build.try_compile_intermediates().map(drop)
}
