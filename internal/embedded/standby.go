package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// ErrNoBaseBackup says that PostgreSQL is here without pg_basebackup, as where its binaries were fetched: a server cannot
// be followed.
var ErrNoBaseBackup = errors.New("no pg_basebackup found: install PostgreSQL's client programs (Debian: postgresql-client)")

// replicationSlot has the primary keep what its standby has not received yet.
const replicationSlot = "vetalyze_replica"

// copyPrimary makes the cluster as a copy of the server it follows, beside its place, and moves it there when whole. The
// copy knows whom to follow: -R writes that down.
func (p *Postgres) copyPrimary(ctx context.Context, fresh string) error {
	program, err := p.binaries.baseBackup()
	if err != nil {
		return err
	}
	if err := os.RemoveAll(fresh); err != nil {
		return err
	}
	if err := p.account.makeDir(fresh); err != nil {
		return err
	}
	args := []string{
		"--pgdata=" + fresh, "--dbname=" + p.config.Follow.URL(), "--write-recovery-conf",
		"--create-slot", "--slot=" + replicationSlot, "--wal-method=stream", "--checkpoint=fast", "--no-password",
	}
	if p.config.Fast {
		args = append(args, "--no-sync")
	}
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = p.home.dir
	cmd.Env = environment()
	p.account.apply(cmd)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	dieWithParent(cmd)
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("pg_basebackup: %w: %s", err, lastLine(string(output)))
	}
	p.log.DebugContext(ctx, "PostgreSQL standby made", "dir", p.home.data())
	return os.Rename(fresh, p.home.data())
}

// baseBackup finds pg_basebackup: beside the server, beside what a link to the server leads to, or elsewhere on the machine.
func (b binaries) baseBackup() (string, error) {
	dirs := []string{b.dir}
	if server, err := filepath.EvalSymlinks(b.path("postgres")); err == nil {
		dirs = append(dirs, filepath.Dir(server))
	}
	for _, dir := range append(dirs, machineDirs()...) {
		program := binaries{dir: dir}.path("pg_basebackup")
		if info, err := os.Stat(program); err == nil && !info.IsDir() {
			return program, nil
		}
	}
	return "", ErrNoBaseBackup
}
