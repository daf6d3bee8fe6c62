// Where answers come from: the server that served this page, or, in a page that was exported, the page itself.

const TOKEN_KEY = 'unfreed.token';

function tokenOfAddress() {
  const hash = new URLSearchParams(location.hash.slice(1));
  const given = hash.get('token');
  if (given) {
    try { sessionStorage.setItem(TOKEN_KEY, given); } catch (e) { /* it works until the page is loaded again */ }
    hash.delete('token');
    history.replaceState(null, '', location.pathname + (hash.size ? '#' + hash : ''));
    return given;
  }
  try { return sessionStorage.getItem(TOKEN_KEY); } catch (e) { return null; }
}

// Characters that control or order what is shown are shown as what they are: a program chooses its own names, and must not choose how others are read.
const CONTROLS = /[\p{Cf}\u2028\u2029\u007f-\u009f]/gu;
const ESCAPES = /\\(?:\\|u([0-9a-f]{4}))/gi;

const isControl = (unit) => unit < 0x20 || (unit >= 0xdb40 && unit <= 0xdb43) || String.fromCharCode(unit).search(CONTROLS) === 0;
const unitsOf = (text) => text.split('').map((unit) => '\\\\u' + unit.charCodeAt(0).toString(16).padStart(4, '0')).join('');

// In an answer as it came they stand in texts alone, written as they are or escaped.
export function parsed(json) {
  let text = json;
  if (/[^\x00-\x7e]/.test(text)) text = text.replace(CONTROLS, unitsOf);
  if (text.includes('\\u')) text = text.replace(ESCAPES, (all, hex) => (hex && isControl(parseInt(hex, 16)) ? '\\' + all.toLowerCase() : all));
  return JSON.parse(text);
}

const parsedLines = (text) => text.split('\n').filter((line) => line).map(parsed);

const SILENT = 'the server does not answer: has it ended?';

function served() {
  const token = tokenOfAddress();
  const headers = token ? { Authorization: 'Bearer ' + token } : {};

  async function ask(what, question, signal) {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(question || {})) {
      if (value !== null && value !== undefined && value !== '') query.set(name, value);
    }
    let response;
    try {
      response = await fetch('api/v1/' + what + (query.size ? '?' + query : ''), { headers, signal });
    } catch (e) {
      if (e.name === 'AbortError') throw e;
      throw new Error(SILENT);
    }
    if (!response.ok) {
      const problem = await response.json().catch(() => ({}));
      const error = new Error(response.status === 401
        ? 'this page needs the token: open the address that the server printed, or this one with #token=TOKEN behind it'
        : problem.detail || response.status + ' ' + response.statusText);
      error.status = response.status;
      throw error;
    }
    return response;
  }

  async function lines(what, question, signal) {
    return parsedLines(await (await ask(what, question, signal)).text());
  }

  const json = async (what, question, signal) => parsed(await (await ask(what, question, signal)).text());

  return {
    isCase: false,
    sessions: () => lines('sessions'),
    report: (question, signal) => lines('report', question, signal),
    explain: async (question, signal) => (await lines('explain', question, signal))[0],
    diff: async (question, signal) => (await lines('diff', question, signal))[0],
    trace: async (question, signal) => (await lines('trace', question, signal))[0] || null,
    traceTimeline: (question, signal) => json('trace-timeline', question, signal),
    timeline: (question, signal) => json('timeline', question, signal),
    stacks: (question, signal) => json('stacks', question, signal),
    histograms: (question, signal) => json('histograms', question, signal),
    async download(question, name) {
      const blob = await (await ask('export', question)).blob();
      const link = document.createElement('a');
      link.href = URL.createObjectURL(blob);
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    },
    // Server-sent events by fetch, since EventSource cannot send a token. A page that nobody sees leaves its connection to others.
    // What changed while nobody listened is told by nothing: behind the first try to listen, each that succeeds is a change.
    async follow(changed, isHeard) {
      let isFirst = true;
      for (;;) {
        if (document.hidden) {
          isFirst = false;
          isHeard(false);
        }
        while (document.hidden) await new Promise((resolve) => document.addEventListener('visibilitychange', resolve, { once: true }));
        const unseen = new AbortController();
        const leave = () => document.hidden && unseen.abort();
        document.addEventListener('visibilitychange', leave);
        let why = SILENT;
        try {
          const reader = (await ask('changes', null, unseen.signal)).body.pipeThrough(new TextDecoderStream()).getReader();
          isHeard(true);
          if (!isFirst) changed();
          let text = '';
          for (;;) {
            const { value, done } = await reader.read();
            if (done) break;
            text += value;
            const events = text.split('\n\n');
            text = events.pop();
            if (events.some((event) => event.includes('event: changed'))) changed();
          }
        } catch (e) {
          if (e.status === 401) return isHeard(false, e.message); // with this token it will never be otherwise
          if (e.status) why = e.message;
        }
        document.removeEventListener('visibilitychange', leave);
        isFirst = false;
        isHeard(false, document.hidden ? '' : why);
        await new Promise((resolve) => setTimeout(resolve, 3000));
      }
    },
  };
}

function embedded(text) {
  const answers = parsed(text);
  return {
    isCase: true,
    question: answers.question,
    sessions: async () => parsedLines(answers.sessions),
    report: async () => parsedLines(answers.report),
    diff: async () => null,
    trace: async () => parsedLines(answers.trace)[0],
    traceTimeline: async () => answers.traceTimeline,
    timeline: async (question) => answers.timeline[question['group-by'] + (question.top || '')],
    stacks: async () => answers.stacks,
    histograms: async () => answers.histograms,
  };
}

export function openSource() {
  const data = document.getElementById('case');
  return data ? embedded(data.textContent) : served();
}
