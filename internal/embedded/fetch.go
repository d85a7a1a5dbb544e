package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"
)

// releases are what can be fetched, by major version.
var releases = map[int]embeddedpostgres.PostgresVersion{
	14: embeddedpostgres.V14,
	15: embeddedpostgres.V15,
	16: embeddedpostgres.V16,
	17: embeddedpostgres.V17,
	18: embeddedpostgres.V18,
}

const newest = 18

// fetch brings PostgreSQL's programs from a repository into the cache, or finds them there.
func fetch(ctx context.Context, config Config, made int) (binaries, error) {
	if made == 0 {
		made = newest
	}
	release, ok := releases[made]
	if !ok {
		return binaries{}, fmt.Errorf("version %d cannot be fetched", made)
	}
	cache, err := cacheDir(config.CacheDir)
	if err != nil {
		return binaries{}, err
	}
	place := filepath.Join(cache, "postgresql-"+string(release))
	found := binaries{dir: filepath.Join(place, "bin")}
	if found.complete() {
		return found, nil
	}
	config.logger().InfoContext(ctx, "fetching PostgreSQL", "version", string(release))
	if err := unpack(ctx, config, release, cache, place); err != nil {
		return binaries{}, fmt.Errorf("fetch PostgreSQL %s: %w", release, err)
	}
	return found, nil
}

func cacheDir(dir string) (string, error) {
	if dir == "" && os.Geteuid() == 0 {
		dir = "/var/cache" // the server will run as another user, who cannot look into root's home
	}
	if dir == "" {
		var err error
		if dir, err = os.UserCacheDir(); err != nil {
			return "", err
		}
	}
	dir = filepath.Join(dir, "vetalyze")
	return dir, os.MkdirAll(dir, 0o755)
}

// unpack works beside the place and moves there what is whole; whoever comes first wins.
func unpack(ctx context.Context, config Config, release embeddedpostgres.PostgresVersion, cache, place string) error {
	work, err := os.MkdirTemp(cache, "unpacking-")
	if err != nil {
		return err
	}
	fetched := make(chan error, 1)
	go func() { fetched <- fetchOnly(config, release, work) }()
	select {
	case err = <-fetched:
	case <-ctx.Done():
		go func() { // the library cannot be interrupted, and panics when its files vanish
			<-fetched
			_ = os.RemoveAll(work)
		}()
		return ctx.Err()
	}
	defer os.RemoveAll(work)
	programs := filepath.Join(work, "programs")
	if _, missing := os.Stat(programs); missing != nil {
		return err
	}
	if unpacked := (binaries{dir: filepath.Join(programs, "bin")}); !unpacked.complete() {
		return errors.New("the archive holds no server")
	}
	if err := openToAll(programs); err != nil {
		return err
	}
	err = os.Rename(programs, place)
	if winner := (binaries{dir: filepath.Join(place, "bin")}); winner.complete() {
		return nil
	}
	return err
}

// fetchOnly uses the library up to the point where the programs are unpacked. Its server would run
// under this very account, which may be root, so it is given a cluster that is nothing but a version
// number: initdb is then skipped, the start fails at once, and that failure says nothing to us.
func fetchOnly(config Config, release embeddedpostgres.PostgresVersion, work string) error {
	data := filepath.Join(work, "nothing")
	if err := os.Mkdir(data, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(data, "PG_VERSION"), nil, 0o600); err != nil {
		return err
	}
	port, err := freePort()
	if err != nil {
		return err
	}
	settings := embeddedpostgres.DefaultConfig().
		Version(release).
		Port(uint32(port)).
		CachePath(work).
		BinariesPath(filepath.Join(work, "programs")).
		RuntimePath(filepath.Join(work, "runtime")).
		DataPath(data).
		Logger(io.Discard)
	if config.BinaryRepositoryURL != "" {
		settings = settings.BinaryRepositoryURL(config.BinaryRepositoryURL)
	}
	return embeddedpostgres.NewDatabase(settings).Start()
}

// openToAll undoes a tight umask: the account of the server must read what root unpacked.
func openToAll(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Type()&fs.ModeSymlink != 0 {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		readable := info.Mode().Perm() | 0o444
		if info.Mode().Perm()&0o100 != 0 {
			readable |= 0o111
		}
		return os.Chmod(path, readable)
	})
}
