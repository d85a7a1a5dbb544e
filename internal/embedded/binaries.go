package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// oldest is the first version with everything the schema uses.
const oldest = 14

const install = "install PostgreSQL 14 or newer (Debian: apt-get install postgresql postgresql-contrib; " +
	"macOS: brew install postgresql), or set DATABASE_URL"

// binaries is one installed PostgreSQL.
type binaries struct {
	dir   string
	major int
}

func (b binaries) path(program string) string {
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	return filepath.Join(b.dir, program)
}

// findBinaries looks for PostgreSQL on the machine and, failing that, fetches it. A cluster that is
// there already (made by version made, 0: none) can only be served by its own version.
func findBinaries(ctx context.Context, config Config, as account, made int) (binaries, error) {
	search := config.search
	if search == nil {
		search = machineDirs
	}
	var refused []error
	for _, dir := range search() {
		found := binaries{dir: dir}
		if !filepath.IsAbs(dir) || !found.complete() {
			continue
		}
		err := found.check(ctx, as, made)
		if err == nil {
			return found, nil
		}
		refused = append(refused, err)
	}
	fetched, err := fetch(ctx, config, made)
	if err == nil {
		err = fetched.check(ctx, as, made)
	}
	if err == nil {
		return fetched, nil
	}
	if len(refused) == 0 {
		refused = append(refused, errors.New("no PostgreSQL found on this machine"))
	}
	return binaries{}, oneLine(append(refused, err, errors.New(install))...)
}

func (b binaries) complete() bool {
	for _, program := range []string{"postgres", "initdb"} {
		info, err := os.Stat(b.path(program))
		if err != nil || info.IsDir() {
			return false
		}
	}
	return true
}

var versionPattern = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// check learns the version, running the program as the account that will run the server.
func (b *binaries) check(ctx context.Context, as account, made int) error {
	cmd := exec.CommandContext(ctx, b.path("postgres"), "--version")
	cmd.Dir = string(filepath.Separator) // ours may be closed to the account
	as.apply(cmd)
	text, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("%s cannot run as %s: %w", cmd.Path, as.name, err)
	}
	match := versionPattern.FindSubmatch(text)
	if match == nil {
		return fmt.Errorf("%s does not tell its version", cmd.Path)
	}
	b.major, _ = strconv.Atoi(string(match[1]))
	switch {
	case b.major < oldest:
		return fmt.Errorf("%s is version %d, older than %d", cmd.Path, b.major, oldest)
	case made != 0 && b.major != made:
		return fmt.Errorf("%s is version %d, the data was made by version %d", cmd.Path, b.major, made)
	}
	return nil
}

// machineDirs are the places where PostgreSQL's programs are kept, the likeliest first and, among those
// of one packager, the newest first.
func machineDirs() []string {
	dirs := filepath.SplitList(os.Getenv("PATH"))
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin",                          // Debian, Ubuntu
		"/usr/pgsql-*/bin",                                   // the project's own packages for Red Hat
		"/usr/libexec/postgresql*",                           // Alpine
		"/opt/homebrew/opt/postgresql*/bin",                  // Homebrew
		"/usr/local/opt/postgresql*/bin",                     // Homebrew on Intel
		"/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",     // Homebrew on Linux
		"/Applications/Postgres.app/Contents/Versions/*/bin", // Postgres.app
		"C:/Program Files/PostgreSQL/*/bin",                  // the Windows installer
	} {
		found, _ := filepath.Glob(pattern)
		slices.SortFunc(found, func(a, b string) int { return versionIn(b) - versionIn(a) })
		dirs = append(dirs, found...)
	}
	if dir, err := exec.Command("pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(dir)))
	}
	return dirs
}

var digits = regexp.MustCompile(`\d+`)

func versionIn(path string) int {
	version, _ := strconv.Atoi(digits.FindString(path))
	return version
}

// oneLine joins what went wrong for a reader who sees a single line.
func oneLine(errs ...error) error {
	if len(errs) == 1 {
		return errs[0]
	}
	return fmt.Errorf("%w; %w", errs[0], oneLine(errs[1:]...))
}
