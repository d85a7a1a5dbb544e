package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"vetalyze/internal/clock"
	"vetalyze/internal/crowd"
	"vetalyze/internal/embedded"
	"vetalyze/internal/load"
	"vetalyze/internal/machine"
	"vetalyze/internal/simulator"
	"vetalyze/migrations"
)

// Without a database given, as many clinics and owners are made as a few seconds allow.
const (
	smallClinics = 40
	smallOwners  = 100
	admins       = 20
)

// A house is what the bot stands on: the program, the database, Redis; and the people.
type house struct {
	dir      string
	binary   string
	database string
	postgres int // the server's first process; 0: not on this machine
	redisURL string
	redis    int // its process; 0: Redis is inside the bot
	people   []crowd.Person
	about    string // the database
	closers  []func()
}

func openHouse(ctx context.Context, s settings) (_ *house, err error) {
	h := &house{database: s.database}
	defer func() {
		if err != nil {
			h.close()
		}
	}()
	if h.dir, err = os.MkdirTemp("", "vetalyze-load-"); err != nil {
		return nil, err
	}
	h.closers = append(h.closers, func() { _ = os.RemoveAll(h.dir) })
	if err := h.build(ctx); err != nil {
		return nil, err
	}
	if h.database == "" {
		if err := h.makeDatabase(ctx); err != nil {
			return nil, err
		}
	}
	if err := migrations.Up(ctx, h.database); err != nil {
		return nil, err
	}
	if err := h.lookAtDatabase(ctx); err != nil {
		return nil, err
	}
	if s.batch {
		if err := h.scheduleBatch(ctx); err != nil {
			return nil, err
		}
	}
	if err := h.startRedis(ctx); err != nil {
		return nil, err
	}
	staff, err := crowd.Staff(ctx, h.database, s.people, s.seed)
	if err != nil {
		return nil, err
	}
	if len(staff) == 0 {
		return nil, errors.New("nobody works at a clinic: fill the database with vetalyze load")
	}
	h.people = append(staff, crowd.Admins(admins)...)
	return h, nil
}

func (h *house) close() {
	for i := len(h.closers) - 1; i >= 0; i-- {
		h.closers[i]()
	}
}

// build makes the program as make build does.
func (h *house) build(ctx context.Context) error {
	h.binary = filepath.Join(h.dir, "vetalyze")
	command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", h.binary, "vetalyze/cmd/vetalyze")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("build the bot: %w\n%s", err, said)
	}
	return nil
}

func (h *house) makeDatabase(ctx context.Context) error {
	server, err := embedded.PostgreSQL(ctx, embedded.Config{Fast: true})
	if err != nil {
		return err
	}
	h.closers = append(h.closers, func() { _ = server.Stop() })
	h.database = server.URL()
	if err := migrations.Up(ctx, h.database); err != nil {
		return err
	}
	_, err = load.Fill(ctx, h.database, load.Config{Clinics: smallClinics, Owners: smallOwners, Seed: 1, Clock: clock.System()})
	return err
}

// lookAtDatabase finds out how large it is, and whose processes serve it.
func (h *house) lookAtDatabase(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, h.database)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var clinics, pid int
	var owners float64
	var version, size, buffers string
	err = conn.QueryRow(ctx, `
		SELECT (SELECT count(*) FROM clinics), (SELECT sum(reltuples) FROM pg_class WHERE relname = 'owners' AND relkind = 'r'),
		       current_setting('server_version'), pg_size_pretty(pg_database_size(current_database())),
		       current_setting('shared_buffers'), pg_backend_pid()`).Scan(&clinics, &owners, &version, &size, &buffers, &pid)
	if err != nil {
		return err
	}
	version, _, _ = strings.Cut(version, " ")
	h.about = fmt.Sprintf("%d clinics, %.2f M owners, %s; PostgreSQL %s, shared_buffers %s", clinics, owners/1e6, size, version, buffers)
	if name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid)); err == nil && strings.TrimSpace(string(name)) == "postgres" {
		h.postgres = parentOf(pid)
	}
	return nil
}

// forgetDialogs drops what is half-filled. A dialog knows its chat's messages by their ids, which begin anew with each
// simulator: a /cancel there would be taken for one of before the dialog.
func (h *house) forgetDialogs(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, h.database)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	_, err = conn.Exec(ctx, "DELETE FROM dialogs")
	return err
}

// scheduleBatch puts this process under SCHED_BATCH, which those that it starts inherit, and the database server, whose
// connections do.
func (h *house) scheduleBatch(ctx context.Context) error {
	set := func(ctx context.Context, policy string, pid int) error {
		said, err := exec.CommandContext(ctx, "chrt", policy, "--all-tasks", "--pid", "0", strconv.Itoa(pid)).CombinedOutput()
		if err != nil {
			return fmt.Errorf("chrt %s: %w: %s", policy, err, said)
		}
		return nil
	}
	if h.postgres != 0 {
		if err := set(ctx, "--batch", h.postgres); err != nil {
			return err
		}
		h.closers = append(h.closers, func() { _ = set(context.WithoutCancel(ctx), "--other", h.postgres) })
	}
	return set(ctx, "--batch", os.Getpid())
}

// startRedis starts one that keeps nothing, if the program is there; else the bot brings its own.
func (h *house) startRedis(ctx context.Context) error {
	program, err := exec.LookPath("redis-server")
	if err != nil {
		return nil
	}
	socket := filepath.Join(h.dir, "redis.sock")
	command := exec.Command(program, "--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no", "--dir", h.dir)
	if err := command.Start(); err != nil {
		return fmt.Errorf("start redis-server: %w", err)
	}
	h.closers = append(h.closers, func() { _ = command.Process.Kill(); _ = command.Wait() })
	h.redis, h.redisURL = command.Process.Pid, "unix://"+socket
	return await(ctx, func() bool {
		conn, err := net.Dial("unix", socket)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
}

// describe says what was measured, and on which machine.
func (h *house) describe(s settings) string {
	redis := "redis-server"
	if h.redis == 0 {
		redis = "Redis inside the bot"
	}
	scheduling := ""
	if s.batch {
		scheduling = ", under SCHED_BATCH"
	}
	return fmt.Sprintf("%s; %s. %d staff of %d clinics and %d admins, %s.\n%s for all of it%s. "+
		"Telegram's limits of messages are lifted, in the bot and in the simulator.",
		h.about, redis, len(h.people)-admins, h.clinics(), admins, mixText(),
		machine.Name(), scheduling)
}

func (h *house) clinics() int {
	seen := map[int64]bool{}
	for _, p := range h.people {
		seen[p.ClinicID] = !p.Admin
	}
	delete(seen, 0)
	return len(seen)
}

func mixText() string {
	var shares []string
	for _, share := range crowd.Day {
		shares = append(shares, fmt.Sprintf("%d %% %s", share.Percent, share.Deed))
	}
	return strings.Join(shares, ", ")
}

// publicURL is where the simulator is told that it reaches the bot: by its socket, as a proxy on the bot's machine does.
const publicURL = "http://127.0.0.1"

// A bot is the program as a process.
type bot struct {
	command *exec.Cmd
	client  *http.Client // reaches it by its socket
	pprof   string
	said    bytes.Buffer // its log; read after the end
}

// startBot starts the bot on the simulator at api, and waits until it is ready.
func (h *house) startBot(ctx context.Context, api string, by intake, at *socket) (*bot, error) {
	pprof, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, p := range crowd.Admins(admins) {
		ids = append(ids, strconv.FormatInt(p.ID, 10))
	}
	b := &bot{client: &http.Client{Transport: at}, pprof: pprof, command: exec.Command(h.binary, "serve")}
	b.command.Env = append(os.Environ(), "TELEGRAM_TOKEN="+simulator.DefaultToken, "TELEGRAM_API_URL="+api,
		"DATABASE_URL="+h.database, "REDIS_URL="+h.redisURL, "LISTEN=unix:"+at.path, "ADMIN_IDS="+strings.Join(ids, ","),
		"PPROF_LISTEN="+pprof, "MESSAGES_PER_SECOND=100000", "CHAT_MESSAGES_PER_SECOND=100000")
	if by == webhook {
		b.command.Env = append(b.command.Env, "PUBLIC_URL="+publicURL)
	}
	b.command.Stderr = &b.said
	if err := b.command.Start(); err != nil {
		return nil, fmt.Errorf("start the bot: %w", err)
	}
	err = await(ctx, func() bool {
		answer, err := b.client.Get(publicURL + "/readyz")
		if err == nil {
			_ = answer.Body.Close()
		}
		return err == nil && answer.StatusCode == http.StatusOK
	})
	if err != nil {
		return nil, errors.Join(err, b.stop())
	}
	return b, nil
}

// stop ends the bot as a service manager does, and says what it complained of.
func (b *bot) stop() error {
	_ = b.command.Process.Signal(syscall.SIGTERM)
	if err := b.command.Wait(); err != nil {
		return fmt.Errorf("the bot ended with %w:\n%s", err, b.said.String())
	}
	return nil
}

// complaints are the lines of its log that are not mere information.
func (b *bot) complaints() (lines []string) {
	for line := range strings.Lines(b.said.String()) {
		if !strings.Contains(line, `"level":"INFO"`) {
			lines = append(lines, line)
		}
	}
	return lines
}

func freeAddress(ctx context.Context) (string, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// await looks again and again until something is so.
func await(ctx context.Context, so func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for !so() {
		select {
		case <-look.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
