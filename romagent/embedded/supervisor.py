"""`make run`: starts everything the application needs on this machine, watches over it, and stops it.

Whatever the environment names (DATABASE_URL, REDIS_URL, ANTHROPIC_API_KEY) is not stood in for.
"""

import os
import select
import signal
import sys
import time
from collections import deque
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Self

from romagent.embedded.environment import CannotStart, Environment, without_proxy
from romagent.embedded.kept import free_port, is_free
from romagent.embedded.lock import DataDirLock
from romagent.embedded.postgres import EmbeddedPostgres
from romagent.embedded.processes import Child, StartFailed, die_with_parent
from romagent.embedded.programs import Programs, Simulated, Web
from romagent.embedded.valkey import EmbeddedValkey

ROOT = Path(__file__).resolve().parents[2]
LOOK_EVERY = 0.1  # seconds
TOO_MANY_DEATHS, DEATHS_WITHIN = 5, 60.0  # in so many seconds
RESTART_AFTER = (0, 1, 2, 4)  # seconds after the first death, the second...
START_TIMEOUT = 120.0  # seconds for all of one stage to be ready
EXTRA_GRACE = 5  # seconds on top of what web and worker allow themselves
SECOND_SIGNAL_AFTER = 0.5  # seconds; what comes sooner is one stop, told twice (to make, and to its group)

# Who talks to whom, from the outside in: nobody loses what it needs to finish.
STOP_ORDER = (("prepare", "web", "worker"), ("messages_api", "datajud"), ("valkey",), ("postgres",))
IN_A_HURRY = ("prepare", "web", "worker", "messages_api", "datajud")  # may be killed; a database stops fast as it is


class StopRequested(Exception):
    """Somebody asked us to stop while we were starting."""


class Supervisor:
    """`start()`, then `check()` again and again, then `stop()`; or `run()` for all of it.

    Call them from a thread that outlives the children. `children` holds, by name, "postgres", "valkey",
    "messages_api", "datajud", "web" and "worker": each has `pid`, `alive()`, `kill()`.
    """

    def __init__(self, environ: Mapping[str, str], *, root: Path = ROOT, programs: Programs | None = None) -> None:
        self.environment = Environment(environ, root)
        self.root = root
        self.programs = programs or Programs()
        self.children: dict[str, Child] = {}
        self.variables: dict[str, str] = {}  # of the children
        self.watches_terminal = False
        self._lock = DataDirLock(self.environment.data_dir)
        self._starting: set[str] = set()
        self._restart_at: dict[str, float] = {}
        self._deaths: dict[str, deque[float]] = {}
        self._stop_asked_at: float | None = None
        self._hurry = False

    def run(self) -> int:
        """From start to stop. The exit status: 0 when asked to stop, 1 when something could not go on."""
        try:
            self.start()
            while True:
                self._pause()
                self.check()
        except StopRequested:
            return 0
        except (CannotStart, StartFailed, OSError) as error:
            say(f"\n{error}")
            return 1
        finally:
            self.stop()

    def start(self) -> Self:
        """Start everything; come back when the application answers. Raises CannotStart or StartFailed."""
        began = time.monotonic()
        self._occupy()
        self._start_servers()
        self._prepare()
        self._start_application()
        say(welcome(self.environment, self.children, time.monotonic() - began))
        return self

    def check(self) -> None:
        """Notice who died, and restart them when it is time. Raises StartFailed when one dies for good."""
        for name, child in self.children.items():
            if name in self._restart_at:
                if time.monotonic() >= self._restart_at[name]:
                    del self._restart_at[name]
                    self._launch(name, child)
            elif name in self._starting:
                if child.ready():
                    self._starting.discard(name)
                elif child.failed():
                    self._died(name, child)
            elif not child.alive():
                self._died(name, child)

    def until_ready(self) -> None:
        """Keep checking until everything that was started, or died, is of use again."""
        deadline = time.monotonic() + START_TIMEOUT
        while self._starting or self._restart_at:
            if time.monotonic() > deadline:
                silent = ", ".join(sorted(self._starting))
                raise StartFailed(f"Sem resposta depois de {START_TIMEOUT:.0f} s: {silent}.")
            self._pause(0.02)
            self.check()

    def request_stop(self, *, again: bool = False) -> None:
        """Have `run()` stop. Asked again, it does not wait for the application to finish what it is doing."""
        now = time.monotonic()
        if self._stop_asked_at is None:
            self._stop_asked_at = now
        elif again and now > self._stop_asked_at + SECOND_SIGNAL_AFTER:
            self._hurry = True

    def stop(self) -> None:
        """Stop everything, the databases last. A second call does nothing."""
        if any(child.alive() for child in self.children.values()):
            say("\nEncerrando… (Ctrl-C de novo para não esperar)")
        for names in STOP_ORDER:
            self._stop_together([name for name in names if name in self.children])
        self._lock.release()

    # Starting ----------------------------------------------------------------------------------

    def _occupy(self) -> None:
        """The data directory and the port are ours, or we say why not."""
        self.environment.data_dir.mkdir(mode=0o711, parents=True, exist_ok=True)
        waiting: set[str] = set()

        def wait(reason: str) -> None:
            if reason not in waiting:
                say(reason)
            waiting.add(reason)
            self._pause()

        self._lock.acquire(wait)
        port = self.environment.port
        if not is_free(port, host=""):
            other = next(number for number in range(port + 1, 65_536) if is_free(number, host=""))
            raise CannotStart(f"A porta {port} já está em uso. Use outra: make run PORT={other}")

    def _start_servers(self) -> None:
        """All at once; PostgreSQL last because it alone takes a moment to launch, the first time."""
        environment = self.environment
        self.variables = environment.for_children()
        if environment.ignores_base_url:
            say("ANTHROPIC_BASE_URL só é usada quando há ANTHROPIC_API_KEY.")
        if environment.simulates_api and self.programs.messages_api:
            url = self._start_simulated("messages_api", self.programs.messages_api)
            self.variables |= {"ANTHROPIC_BASE_URL": url, "ANTHROPIC_API_KEY": "simulada"}
        if environment.simulates_datajud and self.programs.datajud:
            url = self._start_simulated("datajud", self.programs.datajud)
            self.variables |= {"DATAJUD_URL": url, "DATAJUD_API_KEY": "simulada"}
        if environment.embeds_valkey:
            valkey = EmbeddedValkey(environment.data_dir / "valkey")
            self._launch("valkey", valkey)
            self.variables["REDIS_URL"] = valkey.url
        if environment.embeds_postgres:
            postgres = EmbeddedPostgres(environment.data_dir / "postgres")
            self._launch("postgres", postgres)
            self.variables["DATABASE_URL"] = postgres.url
        self.until_ready()

    def _start_simulated(self, name: str, argv: Iterable[str]) -> str:
        """Starts what stands in for a service, and gives its address."""
        log = self.environment.data_dir / f"{name}.log"
        service = Simulated([*argv], free_port(), env=self.variables, cwd=self.root, log=log)
        self._launch(name, service)
        self.variables |= without_proxy(self.variables)
        return service.url

    def _prepare(self) -> None:
        """Bring the database up to date, once, before anything serves from it."""
        if not self.programs.prepare:
            return
        prepare = Child(self.programs.prepare, env=self.variables, cwd=self.root)
        self._launch("prepare", prepare)
        while prepare.alive():
            self._pause(0.02)
        del self.children["prepare"]
        self._starting.discard("prepare")
        if prepare.returncode:
            raise CannotStart("O preparo do banco de dados falhou: veja as mensagens acima.")

    def _start_application(self) -> None:
        if self.programs.worker:
            self._launch("worker", Child(self.programs.worker, env=self.variables, cwd=self.root))
        if self.programs.web:
            web = Web(self.programs.web, self.environment.port, env=self.variables, cwd=self.root)
            self._launch("web", web)
        for name in {"web", "worker"} & self.children.keys():
            self.children[name].grace = self.environment.grace + EXTRA_GRACE
        self.until_ready()

    def _launch(self, name: str, child: Child) -> None:
        child.keep_open = [self._lock.shared] if self._lock.shared is not None else []
        self.children[name] = child
        self._starting.add(name)
        child.launch()

    # Watching ----------------------------------------------------------------------------------

    def _died(self, name: str, child: Child) -> None:
        now = time.monotonic()
        deaths = self._deaths.setdefault(name, deque(maxlen=TOO_MANY_DEATHS))
        deaths.append(now)
        recent = sum(death > now - DEATHS_WITHIN for death in deaths)
        if recent == TOO_MANY_DEATHS:
            lines = child.last_lines() or "Veja as mensagens acima."
            times = f"{recent} vezes em {DEATHS_WITHIN:.0f} s"
            raise StartFailed(f"{name} terminou {times} e não será reiniciado.\n{lines}")
        delay = RESTART_AFTER[recent - 1]
        say(f"{name} terminou (código {child.returncode}); reiniciando{f' em {delay} s' if delay else ''}.")
        self._restart_at[name] = now + delay

    def _pause(self, seconds: float = LOOK_EVERY) -> None:
        if self.watches_terminal and terminal_is_gone():
            self.request_stop()
        if self._stop_asked_at is not None:
            raise StopRequested
        time.sleep(seconds)

    # Stopping ----------------------------------------------------------------------------------

    def _stop_together(self, names: list[str]) -> None:
        children = [self.children[name] for name in names]
        for child in children:
            child.ask_to_stop()
        deadline = time.monotonic() + max((child.grace for child in children), default=0)
        while any(child.alive() for child in children) and time.monotonic() < deadline:
            if self._hurry and set(names) <= set(IN_A_HURRY):
                break
            time.sleep(0.02)
        for child in children:
            child.kill()


def welcome(environment: Environment, children: Mapping[str, Child], seconds: float) -> str:
    """What to open, who to sign in as, and what is not real."""
    took = f"{seconds:.1f}".replace(".", ",")
    lines = [f"ROM Agent pronto em {took} s: http://localhost:{environment.port}/", ""]
    if environment.embeds_postgres:
        lines += [
            "  Contas de demonstração (senha: demonstracao)",
            "    advogada@exemplo.adv.br   advogada",
            "    colega@exemplo.adv.br     advogada",
            "    equipe@exemplo.adv.br     equipe",
            "",
        ]
    if environment.simulates_api:
        lines.append("  As respostas são simuladas. Para as da Anthropic, defina ANTHROPIC_API_KEY.")
    if environment.simulates_datajud:
        lines.append("  Os processos dos tribunais são simulados. Para os do CNJ, defina DATAJUD_API_KEY.")
    postgres = children.get("postgres")
    where = f"  Os dados ficam em {environment.data_dir}"
    if isinstance(postgres, EmbeddedPostgres) and environment.data_dir not in postgres.home.parents:
        where += f" e o banco em {postgres.home}"
    return "\n".join(["", *lines, f"{where}. Ctrl-C encerra.", ""])


def say(text: str) -> None:
    """To the terminal, if there still is one: stopping must not fail because its window was closed."""
    try:
        print(text, flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else the exit, too, would try and fail


def obey_signals(supervisor: Supervisor) -> None:
    """Ctrl-C, SIGTERM and a closed terminal stop everything."""
    signal.signal(signal.SIGINT, lambda *_: supervisor.request_stop(again=True))
    signal.signal(signal.SIGTERM, lambda *_: supervisor.request_stop())
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup
        signal.signal(signal.SIGHUP, lambda *_: supervisor.request_stop())
        supervisor.watches_terminal = os.isatty(0)


def terminal_is_gone() -> bool:
    """The kernel may tell only the first process of a terminal that it was closed; if that is make, we never hear."""
    stdin = select.poll()
    stdin.register(0, 0)
    return any(event & select.POLLHUP for _, event in stdin.poll(0))


def main() -> int:
    if "MAKELEVEL" in os.environ:  # the end of make is ours too, however it ends
        die_with_parent(signal.SIGTERM, os.getppid())
    try:
        supervisor = Supervisor(os.environ)
    except CannotStart as error:
        say(f"\n{error}")
        return 1
    obey_signals(supervisor)
    return supervisor.run()


if __name__ == "__main__":
    sys.exit(main())
