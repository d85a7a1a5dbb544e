package embedded

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func none() []string { return nil }

func TestMissingBinaries(t *testing.T) {
	t.Parallel()
	repository := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(repository.Close)
	_, err := PostgreSQL(t.Context(), Config{search: none, CacheDir: openDir(t), BinaryRepositoryURL: repository.URL})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"no PostgreSQL found on this machine", "apt-get install postgresql", "DATABASE_URL"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q lacks %q", err, want)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("more than one line: %q", err)
	}
}

func TestUnfitBinariesAreRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, script string
		made         int
		want         string
	}{
		{"too old", "echo 'postgres (PostgreSQL) 13.4'", 0, "is version 13, older than 14"},
		{"another major version", "echo 'postgres (PostgreSQL) 16.1 (Debian)'", 15, "is version 16, the data was made by version 15"},
		{"something else", "echo hello", 0, "does not tell its version"},
		{"broken", "exit 3", 0, "cannot run as"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := openDir(t)
			writeScript(t, dir, "postgres", test.script)
			writeScript(t, dir, "initdb", "exit 1")
			as, err := serverAccount("")
			if err != nil {
				t.Fatal(err)
			}
			found := binaries{dir: dir}
			err = found.check(t.Context(), as, test.made)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error = %v, want %q in it", err, test.want)
			}
		})
	}
}

func TestFetchedBinariesServe(t *testing.T) {
	t.Parallel()
	dir := installed(t)
	repository := httptest.NewServer(fakeRepository(t, map[string]string{
		"bin/postgres": "#!/bin/sh\nexec " + filepath.Join(dir, "postgres") + ` "$@"`,
		"bin/initdb":   "#!/bin/sh\nexec " + filepath.Join(dir, "initdb") + ` "$@"`,
		"bin/pg_ctl":   "#!/bin/sh\nexit 1",
	}))
	t.Cleanup(repository.Close)
	cache := openDir(t)

	fetched := start(t, Config{search: none, CacheDir: cache, BinaryRepositoryURL: repository.URL})
	run(t, connect(t, fetched), "SELECT 1")

	repository.Close()
	cached := start(t, Config{search: none, CacheDir: cache, BinaryRepositoryURL: repository.URL})
	run(t, connect(t, cached), "SELECT 1")

	left, err := filepath.Glob(filepath.Join(cache, "vetalyze", "unpacking-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestArchiveWithoutAServer(t *testing.T) {
	t.Parallel()
	repository := httptest.NewServer(fakeRepository(t, map[string]string{"bin/README": "nothing here"}))
	t.Cleanup(repository.Close)
	config := Config{CacheDir: openDir(t), BinaryRepositoryURL: repository.URL}
	if _, err := fetch(t.Context(), config, 0); err == nil || !strings.Contains(err.Error(), "holds no server") {
		t.Errorf("error = %v", err)
	}
}

// fakeRepository serves one archive under every name, in the form of the real ones: a zip with a tar.xz.
func fakeRepository(t *testing.T, files map[string]string) http.Handler {
	t.Helper()
	var archive bytes.Buffer
	packer := tar.NewWriter(&archive)
	for path, text := range files {
		if err := packer.WriteHeader(&tar.Header{Name: path, Mode: 0o700, Size: int64(len(text))}); err != nil {
			t.Fatal(err)
		}
		if _, err := packer.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := packer.Close(); err != nil {
		t.Fatal(err)
	}
	var jar bytes.Buffer
	zipper := zip.NewWriter(&jar)
	inner, err := zipper.Create("postgres.txz")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := inner.Write(xzStored(archive.Bytes())); err != nil {
		t.Fatal(err)
	}
	if err := zipper.Close(); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(jar.Bytes())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, ".sha256") {
			_, _ = w.Write([]byte(hex.EncodeToString(sum[:])))
			return
		}
		_, _ = w.Write(jar.Bytes())
	})
}

func TestPathWithoutServerProgramsIsPassedOver(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	writeScript(t, dir, "initdb", "exit 0")
	if (binaries{dir: dir}).complete() {
		t.Error("a directory without postgres counts as complete")
	}
	if err := os.Mkdir(filepath.Join(dir, "postgres"), 0o755); err != nil {
		t.Fatal(err)
	}
	if (binaries{dir: dir}).complete() {
		t.Error("a directory called postgres counts as the program")
	}
}
