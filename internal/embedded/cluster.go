package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// locales are tried in turn; an empty one is the environment's. "C" is never among them: under it
// lower() and trigrams are blind to every letter beyond ASCII. C.UTF-8 is on every Linux;
// macOS had none for long.
var locales = []string{"C.UTF-8", "en_US.UTF-8", ""}

// initialise makes the cluster beside its place and moves it there when whole,
// so that a process killed meanwhile leaves nothing half made.
func (p *Postgres) initialise(ctx context.Context) error {
	fresh := p.home.data() + ".new"
	if err := makePassword(p.home, p.account); err != nil {
		return err
	}
	if p.config.Follow != nil {
		return p.copyPrimary(ctx, fresh)
	}
	var failures []error
	for _, locale := range locales {
		if err := os.RemoveAll(fresh); err != nil {
			return err
		}
		if err := p.account.makeDir(fresh); err != nil {
			return err
		}
		err := p.initdb(ctx, fresh, locale)
		if err == nil {
			return os.Rename(fresh, p.home.data())
		}
		failures = append(failures, err)
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(failures...)
}

func (p *Postgres) initdb(ctx context.Context, dir, locale string) error {
	args := []string{
		"--pgdata=" + dir, "--username=" + name, "--pwfile=" + p.home.password(),
		"--auth=scram-sha-256", "--encoding=UTF8", "--lc-messages=C", "--no-instructions",
	}
	if locale != "" {
		args = append(args, "--locale="+locale)
	}
	if p.config.Fast {
		args = append(args, "--no-sync")
	}
	cmd := exec.CommandContext(ctx, p.binaries.path("initdb"), args...)
	cmd.Dir = p.home.dir
	cmd.Env = environment()
	p.account.apply(cmd)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	dieWithParent(cmd)
	output, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("initdb with locale %q: %w: %s", locale, err, lastLine(string(output)))
	}
	p.log.DebugContext(ctx, "PostgreSQL cluster made", "dir", p.home.data(), "locale", locale)
	return nil
}

// launch starts the server; it may still be recovering when launch returns.
func (p *Postgres) launch(ctx context.Context) (*process, error) {
	cmd := p.command()
	server, err := startProcess(cmd, p.binaries, p.log)
	if err != nil {
		return nil, fmt.Errorf("start %s as %s: %w", cmd.Path, p.account.name, err)
	}
	p.log.DebugContext(ctx, "PostgreSQL started", "pid", server.pid, "version", p.binaries.major, "user", p.account.name)
	return server, nil
}

func (p *Postgres) command() *exec.Cmd {
	args := []string{"-D", p.home.data()}
	for _, setting := range append(settings(p.config), p.endpoint.settings(p.home)...) {
		args = append(args, "-c", setting)
	}
	cmd := exec.Command(p.binaries.path("postgres"), args...)
	cmd.Dir = p.home.dir
	cmd.Env = append(environment(), "LC_ALL=C") // macOS refuses to start under a locale it does not know
	p.account.apply(cmd)
	return cmd
}

// settings are given on the command line, so that they follow this program's version and not
// the one that made the cluster.
func settings(config Config) []string {
	common := []string{
		"timezone=UTC",
		"log_timezone=UTC",
		"jit=off", // every query is short: compiling one takes longer than running it
		"max_connections=200",
		"random_page_cost=1.1",
		"idle_in_transaction_session_timeout=60s",
		"log_checkpoints=off",
		// Failed statements and their values belong to the caller, who decides what of them may be logged.
		"log_min_messages=log",
		"log_min_error_statement=panic",
		"log_error_verbosity=terse",
	}
	switch {
	case config.Fast && (config.Replicated || config.Follow != nil):
		return append(common, // a commit is sent on when it is flushed: here at once, and to no disk
			"fsync=off", "wal_level=replica", "max_wal_senders=4", "wal_retrieve_retry_interval=100ms",
			"shared_buffers=32MB", "work_mem=4MB",
		)
	case config.Fast:
		return append(common,
			"fsync=off", "synchronous_commit=off", "full_page_writes=off",
			"wal_level=minimal", "max_wal_senders=0",
			"shared_buffers=32MB", "work_mem=4MB",
		)
	}
	return append(common,
		"shared_buffers=256MB", "work_mem=8MB", "maintenance_work_mem=128MB", "effective_cache_size=1GB",
		"wal_compression=on", "max_wal_size=2GB", "checkpoint_timeout=15min",
	)
}

// environment is ours without PGHOST and its kin, which would speak to our server about another one.
func environment() []string {
	var kept []string
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "PG") {
			kept = append(kept, variable)
		}
	}
	return kept
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}
