"""The programs that benchmarks/verdicts/programs records: each makes its files in the working directory, and runs for as many
seconds as asked, if it can."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

HOME = pathlib.Path(__file__).resolve().parents[2]
REDIS, NGINX = 16380, 18080


LIBRARY = ["--probe", "shim", "--follow-children", "--free-stacks"]


class Program:
    """A command, or who starts one and says its process; who works on it while it runs; how it is recorded."""

    def __init__(self, needs, command, drive=None, environment=None, options=None, attach=None):
        self.needs, self.command, self.drive, self.environment = needs, command, drive, environment or {}
        self.options, self.attach = options or LIBRARY, attach


def sqlite(seconds):
    script = pathlib.Path("sqlite.sql")
    with script.open("w") as out:
        out.write("create table t(id integer primary key, name text, n int); create index i on t(name);\n")
        for turn in range(40 * seconds):
            out.write(f"begin; insert into t(name, n) select 'name' || (value * {turn + 1} % 5003), value from "
                      f"(with recursive c(value) as (values(1) union all select value + 1 from c limit 300) select value from c);"
                      f"select count(*), max(n) from t where name like 'name{turn % 97}%'; "
                      f"update t set n = n + 1 where id % 61 = {turn % 61}; delete from t where id <= {150 * turn}; commit;\n")
    return Program(["sqlite3"], ["sqlite3", "-init", "sqlite.sql", "data.db", ".quit"])


def perl(seconds, cycle=False):
    keep = "my $a = {}; my $b = { o => $a }; $a->{o} = $b;" if cycle else ""
    code = (f"my $end = time + {seconds}; my %seen; while (time < $end) {{ my %w; "
            f"for my $i (1 .. 2000) {{ my $k = 'k' . int(rand 5000); $w{{$k}} .= 'x' x ($i % 50); $seen{{$k}}++; }} {keep}"
            f"my @s = sort {{ $w{{$a}} cmp $w{{$b}} }} keys %w; my $t = join ',', @s; $t =~ s/k(\\d)/$1/g; "
            f"select undef, undef, undef, 0.005 }}")
    return Program(["perl"], ["perl", "-e", code])


def python(seconds):
    code = (f"import json,time,re,random\nend=time.time()+{seconds}\ncache={{}}\nwhile time.time()<end:\n"
            " d=[{'id':i,'name':'n%d'%random.randrange(10**6),'v':[random.random() for _ in range(20)]} for i in range(200)]\n"
            " e=json.loads(json.dumps(d)); s=re.sub('n[0-9]+','x',json.dumps(e)); cache[len(s)%509]=s[:2000]\n"
            " time.sleep(0.005)\n")
    real = subprocess.run(["python3", "-c", "import sys; print(sys.executable)"], capture_output=True, text=True).stdout.strip()
    return Program(["python3"], [real, "-c", code], environment={"PYTHONMALLOC": "malloc"})


STARTING = """
import importlib, time, sys
begun = time.time()
def settle(names, rounds):
    tables = {}
    for name in names:
        try:
            module = importlib.import_module(name)
        except Exception:
            continue
        for i in range(rounds):
            tables[name, i] = {k: [k, i, repr(type(v))] for k, v in vars(module).items()}
            time.sleep(0.0005)
    return tables
"""
FIRST = ("json re random decimal fractions statistics argparse logging logging.config logging.handlers asyncio http.client http.server "
         "urllib.request email.message email.parser xml.dom.minidom xml.etree.ElementTree xml.sax concurrent.futures multiprocessing "
         "unittest unittest.mock doctest pydoc inspect ast dis tokenize typing dataclasses enum pathlib tempfile zipfile tarfile csv "
         "configparser sqlite3 ssl socketserver selectors shelve difflib textwrap string calendar datetime locale gettext")
SECOND = ("ctypes ctypes.util curses turtledemo tkinter idlelib lib2to3 pickle pickletools copyreg cProfile pstats profile trace timeit "
          "wsgiref.simple_server xmlrpc.client xmlrpc.server smtplib imaplib poplib ftplib nntplib telnetlib mailbox mimetypes cgi "
          "html.parser html.entities plistlib netrc bz2 lzma gzip zlib hashlib hmac secrets uuid ipaddress struct codecs stringprep "
          "unicodedata venv ensurepip zipapp symtable tabnanny pyclbr py_compile compileall code codeop runpy pkgutil modulefinder "
          "encodings.idna sched queue threading subprocess signal mmap readline cmd shlex optparse getopt fileinput filecmp glob fnmatch")


def interpreter():
    return subprocess.run(["python3", "-c", "import sys; print(sys.executable)"], capture_output=True, text=True).stdout.strip()


def starting(seconds, names, keep=""):
    """A python that imports and fills tables for a third of its time, and then serves: what it keeps then is bounded, but for `keep`."""
    code = (STARTING + f"names = {names.split()!r}\ntables = settle(names, {12 * seconds})\n"
            f"end = time.time() + {seconds} * 2 / 3\nrecent, kept, n = {{}}, [], 0\n"
            "while time.time() < end:\n"
            "    request = {'id': n, 'path': '/%d' % (n % 977), 'headers': {str(k): 'v' * (k % 40) for k in range(30)}}\n"
            f"    recent[n % 257] = str(request); n += 1\n    {keep or 'pass'}\n    time.sleep(0.001)\n")
    return Program(["python3"], [interpreter(), "-c", code], environment={"PYTHONMALLOC": "malloc"})


def tcl(seconds):
    code = (f"set end [expr {{[clock milliseconds] + {1000 * seconds}}}]\n"
            "for {set i 0} {$i < 400} {incr i} { proc p$i {a b} \"set c \\[expr {\\$a + \\$b + $i}\\]; return \\[string repeat x \\$c\\]\"; "
            "set s($i) [p$i $i 3]; after 3 }\n"
            "while {[clock milliseconds] < $end} { set d [dict create]; for {set i 0} {$i < 200} {incr i} { dict set d k$i [p[expr {$i % 400}] $i 1] }; "
            "set r([expr {[clock milliseconds] % 101}]) [string length $d]; after 2 }\n")
    pathlib.Path("turns.tcl").write_text(code)
    return Program(["tclsh"], ["tclsh", "turns.tcl"])


def node(seconds):
    code = (f"const end = Date.now() + {1000 * seconds}; const names = require('module').builtinModules.filter(n => !n.startsWith('_')); let i = 0, n = 0;"
            "const zlib = require('zlib'); const recent = []; function turn() { if (i < names.length) { try { require(names[i++]) } catch (e) {} }"
            "recent[n++ % 64] = zlib.deflateSync(Buffer.alloc(20000, 'x' + n)); if (Date.now() < end) setTimeout(turn, 5) } turn()")
    return Program(["node"], ["node", "-e", code])


def vim(seconds):
    pathlib.Path("turns.vim").write_text(
        "set nocompatible\nsyntax on\nfor i in range(1, 300)\n  execute 'function! F' . i . '(a)' . \"\\n  return a:a + \" . i . \"\\nendfunction\"\n"
        "  execute 'command! C' . i . ' echo ' . i\n  sleep 5m\nendfor\nlet s:end = localtime() + "
        f"{seconds}\nlet s:n = 0\nwhile localtime() < s:end\n  let s:n += 1\n  call setline(s:n % 500 + 1, repeat('text ', s:n % 90))\n"
        "  let s:x = map(range(100), 'F7(v:val) . \"x\"')\n  silent! %s/text/word/g\n  undojoin | silent! %s/word/text/g\n  sleep 3m\nendwhile\nquit!\n")
    return Program(["vim"], ["vim", "-u", "NONE", "-es", "-S", "turns.vim"])


def node_garbage(seconds):
    """Buffers that live for 0.3 s, some for 3 s, and are garbage then; all that is kept is bounded."""
    code = (f"const end = Date.now() + {1000 * seconds}; const recent = [], longer = []; let n = 0; function turn() {{"
            "for (let i = 0; i < 3; i++) recent[n++ % 180] = Buffer.alloc(9000 + n % 4000, n & 127);"
            "if (n % 10 == 0) longer[(n / 10) % 180] = Buffer.alloc(3000); JSON.parse(JSON.stringify({ n, text: 'x'.repeat(n % 500) }));"
            "if (Date.now() < end) setTimeout(turn, 5) } turn()")
    return Program(["node"], ["node", "-e", code])


def clang(seconds):
    source = pathlib.Path("words.cpp")
    with source.open("w") as out:
        out.write("#include <algorithm>\n#include <map>\n#include <regex>\n#include <sstream>\n#include <string>\n#include <vector>\n")
        for i in range(4 * seconds):
            out.write(f"template <int N> struct word{i} {{ std::map<std::string, std::vector<int>> all; void add(const std::string &s) {{ "
                      f"all[s].push_back(N + {i}); }} int sum() const {{ int n = 0; for (auto &e : all) n += std::count(e.second.begin(), "
                      f"e.second.end(), N); return n; }} }};\nint use{i}(const char *s) {{ word{i}<{i}> w; word{i}<{i + 1}> v; std::istringstream in(s); "
                      f"std::string one; while (in >> one) {{ w.add(one); v.add(one + \"{i}\"); }} return w.sum() + v.sum() + "
                      f"std::regex_match(s, std::regex(\"a{i}.*b\")); }}\n")
    return Program(["clang++"], ["clang++", "-std=c++17", "-O1", "-c", "words.cpp", "-o", "words.o"])


def git(seconds):
    return Program(["git"], ["sh", "-c", f"exec git -C {HOME} --no-pager log -p --stat -M -C -n {60 * seconds} >/dev/null"])


def git_clone(_):
    return Program(["git"], ["sh", "-c", f"git clone -q --no-local --bare {HOME} copy && git -C copy gc -q --aggressive --prune=now"])


def ruby(seconds):
    code = (f"require 'json'; require 'set'; t = Time.now + {seconds}; recent = []; n = 0; while Time.now < t; "
            "r = (0..50).map {{ |i| {{ id: n, name: 'n' * (i % 40 + 30), tags: Set.new([i, n]) }} }}; recent[n % 97] = JSON.generate(r.map {{ |x| x[:name] }}); "
            "n += 1; sleep 0.005; end").replace("{{", "{").replace("}}", "}")
    return Program(["ruby"], ["ruby", "-e", code])


GO = """package main

import (
	"fmt"
	"time"
)

var kept [][]byte

func main() {
	recent := map[int][]byte{}
	end := time.Now().Add(SECONDS * time.Second)
	for n := 0; time.Now().Before(end); n++ {
		recent[n%997] = make([]byte, 2000+n%3000)
		done := make(chan string)
		go func(n int) { done <- fmt.Sprint(n, len(recent)) }(n)
		<-done
		KEEP
		time.Sleep(time.Millisecond)
	}
}
"""


def go(seconds, keep=""):
    """Mappings alone: its heap comes in arenas."""
    pathlib.Path("turns.go").write_text(GO.replace("SECONDS", str(seconds)).replace("KEEP", keep))
    if shutil.which("go"):
        subprocess.run(["go", "build", "-o", "turns", "turns.go"], check=True, env={**os.environ, "GOFLAGS": "-p=1", "GO111MODULE": "off"})
    return Program(["go"], ["./turns"], options=["--syscalls"])


JAVA = """import java.nio.channels.FileChannel;
import java.nio.file.*;
import java.util.*;

class Turns {
  public static void main(String[] args) throws Exception {
    Path file = Files.write(Path.of("mapped"), new byte[1 << 20]);
    List<Object> kept = new ArrayList<>();
    Map<Integer, byte[]> recent = new HashMap<>();
    long end = System.nanoTime() + SECONDS_000_000_000L;
    for (int n = 0; System.nanoTime() < end; n++) {
      recent.put(n % 997, new byte[2000 + n % 3000]);
      if (n % 50 == 0) {
        try (FileChannel channel = FileChannel.open(file)) {
          var mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, 1 << 20);
          KEEP
        }
      }
      Thread.sleep(1);
    }
  }
}
"""


def jvm(seconds, keep=""):
    """Mappings alone; it maps a file 20 times a second, and what maps is found by the collector."""
    pathlib.Path("Turns.java").write_text(JAVA.replace("SECONDS", str(seconds)).replace("KEEP", keep))
    return Program(["java"], ["java", "-Xmx128m", "Turns.java"], options=["--syscalls"])


def postgres(seconds, script):
    """One server process, attached to while pgbench works with it."""
    bins = next(iter(sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))), pathlib.Path("/nonexistent"))
    user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
    root = pathlib.Path(tempfile.gettempdir(), f"unfreed-postgres-{os.getpid()}")  # the working directory is ours alone
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/"}

    def run(*command):
        return subprocess.run([*user, *map(str, command)], check=True, **quiet)

    def attach():
        root.mkdir(mode=0o700)
        (root / "turns.sql").write_text(script)
        if user:
            shutil.chown(root, "postgres", "postgres")
        run(bins / "initdb", "-D", f"{root}/data", "--no-sync", "-A", "trust")
        run(bins / "pg_ctl", "-w", "-D", f"{root}/data", "-o", f"-c listen_addresses='' -k {root} -c fsync=off -c autovacuum=off", "start")
        run(bins / "pgbench", "-h", root, "-i", "-q", "postgres")
        subprocess.Popen([*user, bins / "pgbench", "-h", root, "-n", "-c", "1", "-T", str(seconds), "-D", "n=0", "-R", "200", "-f",
                          f"{root}/turns.sql", "postgres"], **quiet)
        asked = [*user, bins / "psql", "-h", root, "-Atc", "select pid from pg_stat_activity where application_name = 'pgbench'", "postgres"]
        for _ in range(200):
            pid = subprocess.run(asked, capture_output=True, text=True, cwd="/").stdout.strip()
            if pid:
                return pid
            time.sleep(0.05)
        raise SystemExit("pgbench did not connect")

    def stop():
        subprocess.run([*user, bins / "pg_ctl", "-D", f"{root}/data", "-m", "fast", "stop"], **quiet)
        shutil.rmtree(root, ignore_errors=True)

    return Program([str(bins / "postgres")], None, drive=stop, options=["--free-stacks"], attach=attach)


TPCB = ("\\set a random(1, 100000)\n\\set d random(-5000, 5000)\nbegin;\nupdate pgbench_accounts set abalance = abalance + :d where aid = :a;\n"
        "select abalance, repeat('x', :a % 1000) from pgbench_accounts where aid = :a;\n"
        "select abalance % 7, count(*) from pgbench_accounts where aid between :a and :a + 300 group by 1 order by 2;\n"
        "insert into pgbench_history (tid, bid, aid, delta, mtime) values (1, 1, :a, :d, current_timestamp);\nend;\n")
PREPARES = TPCB + "\\set n :n + 1\nprepare p:n as select abalance from pgbench_accounts where aid = $1;\nexecute p:n(:a);\n"


def cc1(seconds):
    source = pathlib.Path("big.c")
    with source.open("w") as out:
        for i in range(400 * seconds):
            out.write(f"static int t{i}[8]; int f{i}(int a, int *b) {{ int s = a; for (int i = 0; i < a; i++) {{ "
                      f"s += b[i] * {i % 13 + 1}; if (s & {i % 7 + 1}) s ^= t{i}[i & 7]; switch (s % 5) {{ case 0: s += 3; break; "
                      f"case 1: s -= b[0]; break; case 2: s *= 7; break; default: b[1] = s; }} }} return s; }}\n")
    return Program(["gcc"], ["sh", "-c", "exec $(gcc -print-prog-name=cc1) -quiet -O2 big.c -o big.s"])


def redis(seconds):
    def drive():
        end = time.monotonic() + seconds
        await_port(REDIS)
        while time.monotonic() < end:
            subprocess.run(["redis-benchmark", "-p", str(REDIS), "-t", "set,get,lpush,lpop,sadd,hset,spop,zadd,zpopmin", "-n", "4000",
                            "-r", "20000", "-q"], stdout=subprocess.DEVNULL, check=True)
        subprocess.run(["redis-cli", "-p", str(REDIS), "shutdown", "nosave"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    return Program(["redis-server", "redis-benchmark", "redis-cli"],
                   ["redis-server", "--port", str(REDIS), "--save", "", "--appendonly", "no"], drive)


def nginx(seconds):
    root = pathlib.Path("nginx").absolute()
    (root / "logs").mkdir(parents=True)
    (root / "index.html").write_text("<p>" + "text " * 2000)
    (root / "nginx.conf").write_text(
        f"daemon off; worker_processes 1; pid {root}/pid; error_log {root}/error.log;\n"
        f"events {{ worker_connections 128; }}\nhttp {{ access_log {root}/access.log; server {{ listen 127.0.0.1:{NGINX};\n"
        f"root {root}; gzip on; gzip_types *; location /many {{ return 200 'text'; }} }} }}\n")

    def drive():
        await_port(NGINX)
        end = time.monotonic() + seconds
        reloads = 0
        while time.monotonic() < end:
            subprocess.run(["ab", "-q", "-n", "1500", "-c", "8", f"http://127.0.0.1:{NGINX}/index.html"], stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
            if reloads < 8 and end - time.monotonic() < seconds * (8 - reloads) / 9:
                reloads += 1
                os.kill(int((root / "pid").read_text()), signal.SIGHUP)
        os.kill(int((root / "pid").read_text()), signal.SIGQUIT)

    return Program(["nginx", "ab"], ["nginx", "-p", str(root), "-c", str(root / "nginx.conf")], drive)


def imports(seconds):
    """All of python's modules, as fast as it can, and then what a server does."""
    code = (f"import importlib, time, random\nend = time.time() + {seconds}\nfor name in {(FIRST + ' ' + SECOND).split()!r}:\n"
            "    try: importlib.import_module(name)\n    except Exception: pass\n"
            "recent, n = {}, 0\nwhile time.time() < end:\n"
            "    recent[n % 257] = str({'id': n, 'path': '/%d' % (n % 977), 'headers': {str(k): 'v' * (k % 40) for k in range(30)}}); n += 1\n"
            "    time.sleep(0.001)\n")
    return Program(["python3"], [interpreter(), "-c", code], environment={"PYTHONMALLOC": "malloc"})


LEAK = "kept.append(bytearray(64 + n % 32))"
PROGRAMS = {"python3-starts": lambda s: starting(s, FIRST), "python3-starts-leaks": lambda s: starting(s, FIRST, LEAK),
            "python3-others": lambda s: starting(s, SECOND), "python3-others-leak": lambda s: starting(s, SECOND, LEAK),
            "python3-imports": imports, "tclsh": tcl, "node": node, "node-garbage": node_garbage, "vim": vim, "clang": clang,
            "git-clone": git_clone, "ruby": ruby, "postgres": lambda s: postgres(s, TPCB), "postgres-prepares": lambda s: postgres(s, PREPARES),
            "go": go, "go-leak": lambda s: go(s, "kept = append(kept, make([]byte, 40000))"),
            "jvm": jvm, "jvm-leak": lambda s: jvm(s, "kept.add(mapped);"),
            "sqlite3": sqlite, "perl": perl, "perl-cycle": lambda s: perl(s, True), "python3": python, "git": git, "cc1": cc1,
            "redis": redis, "nginx": nginx}


def await_port(port):
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit(f"nobody listens on port {port}")
