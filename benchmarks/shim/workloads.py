"""The programs that are measured, with generated input: name to command. The same every time: no clock, no random."""

import os

from common import checked, have


def programs(short, only=None):
    """The programs that are installed: name to (command, environment, stdin)."""
    makers = {"sqlite3": sqlite3, "python3": python3, "cc1": cc1, "cc1plus": cc1plus, "perl": perl, "jq": jq}
    needed = {"cc1": "gcc", "cc1plus": "g++", "python3": "/usr/bin/python3"}
    return {name: make(1 if short else 4) for name, make in makers.items()
            if have(needed.get(name, name)) and (not only or name in only)}


def written(name, text):
    """A file with this text."""
    with open(name, "w") as file:
        file.write(text)
    return os.path.abspath(name)


def sqlite3(scale):
    script = written(f"script-{scale}.sql", f"""
create table item(id integer primary key, name text, amount integer, note text);
with recursive n(i) as (select 1 union all select i + 1 from n where i < {100000 * scale})
  insert into item select i, 'name ' || (i * 7919 % 100003), i * 31 % 997, hex(i * 2654435761) from n;
create index by_name on item(name);
create table total(amount integer, items integer, longest text);
insert into total select amount, count(*), group_concat(substr(note, 1, 3), ',') from item group by amount;
select count(*), sum(items), sum(length(longest)) from total;
select count(*) from item a join item b on a.name = b.name where a.id < b.id;
update item set note = note || name where amount % 3 = 0;
delete from item where amount % 5 = 0;
select sum(length(note)), count(distinct name) from item;
select substr(group_concat(name), 1, 40) from (select name from item order by note desc limit 1000);
""" + "".join(f"insert into total values({i}, {i * 3}, 'text {i}');select longest from total where rowid = {i};\n"
              for i in range(6000 * scale)))
    return ["sqlite3", ":memory:"], {}, script


def python3(scale):
    script = written("script.py", """
import sys

class Node:
    def __init__(self, key, parts):
        self.key, self.parts, self.left, self.right = key, parts, None, None

def insert(root, node):
    while True:
        side = "left" if node.key < root.key else "right"
        below = getattr(root, side)
        if below is None:
            setattr(root, side, node)
            return
        root = below

def depth(node):
    return 0 if node is None else 1 + max(depth(node.left), depth(node.right))

total = 0
for turn in range(int(sys.argv[1])):
    root = Node("m", [])
    for i in range(6000):
        text = "%d-%s" % (i * 7919 % 10007, turn)
        insert(root, Node(text, text.split("-") + [float(i), {i: text}]))
    words = sorted({str(i * i % 1009): [i] * (i % 7) for i in range(8000)}.items())
    total += depth(root) + sum(len(value) for _, value in words) + len(",".join(key for key, _ in words))
print(total)
""")
    environment = {"PYTHONMALLOC": "malloc", "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    return ["/usr/bin/python3", "-S", script, str(10 * scale)], environment, None


def cc1(scale):
    functions = "".join(f"""
static int f{i}(struct s *s, int n)
{{
	int sum = {i};
	for (int k = 0; k < n; k++) {{
		switch ((s->kind + k) % 7) {{
		case 0: sum += s->value * {i % 13}; break;
		case 1: sum ^= k << ({i} % 5); break;
		case 2: sum -= s->next ? s->next->value : {i}; break;
		case 3: if (n > {i % 50}) sum += f{max(i - 1, 0)}(s->next, n - 1); break;
		default: s->value = sum; s = s->next ? s->next : s;
		}}
		s->text[k % 16] = (char)(sum >> (k % 8));
	}}
	return sum;
}}
""" for i in range(200 * scale))
    file = written(f"file-{scale}.c", "struct s { struct s *next; int kind, value; char text[16]; };\n" + functions
                   + f"int all(struct s *s) {{ return f{200 * scale - 1}(s, 3); }}\n")
    return [program_of("gcc", "cc1"), "-quiet", "-O2", file, "-o", "/dev/null"], {}, None


def cc1plus(scale):
    source = written(f"file-{scale}.cc", """
#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <regex>
#include <string>
#include <unordered_map>
#include <vector>
template <int N> struct box { std::map<int, std::vector<std::string>> m; std::function<int(int)> f; int x[N]; };
""" + "".join(f"""
int g{i}(box<{i + 1}> &b, const std::string &s)
{{
	std::unordered_map<std::string, std::shared_ptr<box<{i + 1}>>> u;
	b.m[{i}].push_back(s + "{i}");
	b.f = [&b](int n) {{ return n + b.x[0] + {i}; }};
	u[s] = std::make_shared<box<{i + 1}>>(b);
	std::sort(b.m[{i}].begin(), b.m[{i}].end(), [](auto &x, auto &y) {{ return x.size() < y.size(); }});
	return b.f(u.size());
}}
""" for i in range(12 * scale)))
    whole = source[:-3] + ".ii"
    checked(["g++", "-E", source, "-o", whole])
    return [program_of("g++", "cc1plus"), "-quiet", "-fpreprocessed", "-O1", whole, "-o", "/dev/null"], {}, None


def program_of(driver, name):
    return checked([driver, f"-print-prog-name={name}"]).strip()


def perl(scale):
    script = written("script.pl", """
my ($n, %h, @rows) = ($ARGV[0]);
for my $i (1 .. $n) {
  my $text = join '-', map { $_ * 7919 % 10007 } $i, $i + 1, $i + 2;
  push @rows, { id => $i, text => $text, parts => [split /-/, $text] };
  $h{$rows[-1]{parts}[0]} .= substr($text, 0, $i % 9);
}
my $sum = 0;
for my $row (sort { $a->{text} cmp $b->{text} || $a->{id} <=> $b->{id} } @rows) {
  (my $changed = $row->{text}) =~ s/(\\d+)-(\\d+)/$2:$1/g;
  $sum += length($changed) + @{$row->{parts}} + length($h{$row->{parts}[0]} // '');
}
print "$sum\\n";
""")
    return ["/usr/bin/perl", script, str(60000 * scale)], {"PERL_HASH_SEED": "0", "PERL_PERTURB_KEYS": "0"}, None


def jq(scale):
    input_ = written(f"input-{scale}.json", "[" + ",\n".join(
        f'{{"id": {i}, "name": "name {i * 7919 % 1009}", "tags": ["a{i % 7}", "b{i % 11}"], "at": {{"x": {i % 97}, "y": {i * 3}}}}}'
        for i in range(20000 * scale)) + "]\n")
    program = ("group_by(.name) | map({name: .[0].name, count: length, x: (map(.at.x) | add), "
               "tags: (map(.tags[]) | unique | join(\",\"))}) | sort_by(.x) | map(.name + \":\" + (.x | tostring)) | length")
    return ["jq", program, input_], {}, None
