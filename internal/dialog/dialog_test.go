package dialog_test

import (
	"encoding/json"
	"errors"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vetalyze/internal/clock"
	"vetalyze/internal/dialog"
	"vetalyze/internal/embedded/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

const person = 42

func TestSaveAndLoad(t *testing.T) {
	t.Parallel()
	store := dialog.NewStore(pgtest.New(t), clock.System())
	d := load(t, store)
	answers := dialog.NewAnswers()
	answers.Item["name"] = "Ahmed <Ali>"
	answers.Lists["pets"] = []dialog.Item{{"name": "ريكس", "birth": ""}, {}}
	d.Begin("register", 7, answers)
	d.At = "pets.1.name"
	d.Pending = &dialog.Pending{Form: "invite", ClinicID: 8, Answers: dialog.NewAnswers()}
	if err := store.Save(t.Context(), d, 100); err != nil {
		t.Fatal(err)
	}
	if err := store.SetMessage(t.Context(), d, 55); err != nil {
		t.Fatal(err)
	}

	got := load(t, store)
	if diff := cmp.Diff(d, got, cmp.AllowUnexported(dialog.Dialog{})); diff != "" {
		t.Errorf("the dialog came back otherwise (-saved +loaded):\n%s", diff)
	}
	if !got.Open(7) || got.Open(8) {
		t.Error("the dialog is open for another clinic than it was begun in")
	}
	got.Pending.Answers.Lists["pets"] = nil // answers that were loaded can be written to
}

// TestTwoAtOnce has two instances change one dialog: the second is told.
func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	store := dialog.NewStore(pgtest.New(t), clock.System())
	for _, beforehand := range []string{"a dialog that is new", "a dialog that is there"} {
		one, two := load(t, store), load(t, store)
		one.Begin("register", 7, dialog.NewAnswers())
		two.Begin("invite", 7, dialog.NewAnswers())
		if err := store.Save(t.Context(), one, 1); err != nil {
			t.Fatal(err)
		}
		if err := store.Save(t.Context(), two, 2); !errors.Is(err, dialog.ErrMoved) {
			t.Errorf("%s: the second change got %v, want ErrMoved", beforehand, err)
		}
		if got := load(t, store); got.Form != "register" {
			t.Errorf("%s: the form is %q, want the first one's", beforehand, got.Form)
		}
	}
}

// TestAppliedUpdates keeps what was applied, through closing, for as long as it
// may come again.
func TestAppliedUpdates(t *testing.T) {
	t.Parallel()
	store := dialog.NewStore(pgtest.New(t), clock.System())
	d := load(t, store)
	d.Begin("register", 7, dialog.NewAnswers())
	for update := int64(1); update <= 150; update++ {
		if err := store.Save(t.Context(), d, update); err != nil {
			t.Fatal(err)
		}
	}
	d.Close(json.RawMessage(`{"said": "bye"}`))
	if err := store.Save(t.Context(), d, 151); err != nil {
		t.Fatal(err)
	}
	got := load(t, store)
	for _, test := range []struct {
		update        int64
		applied, last bool
	}{{151, true, true}, {150, true, false}, {52, true, false}, {1, false, false}, {999, false, false}} {
		if applied, last := got.Applied(test.update); applied != test.applied || last != test.last {
			t.Errorf("update %d: applied %v, last %v; want %v, %v", test.update, applied, last, test.applied, test.last)
		}
	}
	if got.Form != "" || string(got.Farewell) != `{"said": "bye"}` || got.Key != d.Key {
		t.Errorf("a closed dialog came back as %+v", got)
	}
}

func load(t *testing.T, store *dialog.Store) *dialog.Dialog {
	t.Helper()
	d, err := store.Load(t.Context(), person)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
