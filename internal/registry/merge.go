package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"vetalyze/db"
	"vetalyze/internal/staff"
)

var (
	// ErrSameCard refuses to merge an owner into itself.
	ErrSameCard = errors.New("registry: the same card")
	// ErrMerged says that one of the owners is merged into another already, so nothing more can be done with it.
	ErrMerged = errors.New("registry: merged into another owner")
	// ErrMergeOutdated says that one of the cards is not what was confirmed any more.
	ErrMergeOutdated = errors.New("registry: changed since it was shown")
	// ErrTooMuchText says that the notes of both are too long together.
	ErrTooMuchText = errors.New("registry: notes too long together")
	// ErrMergeUndone says that the merge was undone before.
	ErrMergeUndone = errors.New("registry: merge undone already")
	// ErrMergeFollowed says that another card went into the same one later: that has to be undone first.
	ErrMergeFollowed = errors.New("registry: another merge came later")
	// ErrMergeTooOld says that the time for undoing is over.
	ErrMergeTooOld = errors.New("registry: merge too old to be undone")
)

// MergeUndoTime is how long a merge can be undone.
const MergeUndoTime = 30 * 24 * time.Hour

// A Merging is the wish to put one owner's card into another's: they are the same person.
type Merging struct {
	Key    db.Key  // of the dialog; not needed for a plan
	KeptID int64   // whose card stays
	TwinID int64   // whose card goes into it
	Apart  []int64 // pets of the twin that stay pets of their own, though they look like one that is there
	Seen   string  // the plan that was confirmed, by its Seen; empty: whatever is there
}

// A MergePlan is what merging would do.
type MergePlan struct {
	Kept, Twin  Owner
	Pairs       []SamePet // pets that look the same on both cards, those kept apart too
	Moving      []Pet     // of the twin, which stay pets of their own
	SecondPhone string    // becomes the second phone of the one kept; empty: that stays as it is
	NotedPhones []string  // find no place and go into the note
	TakesNote   bool      // the note of the twin is added
	ChannelID   int       // becomes the channel of the one kept; 0: that stays as it is
	Seen        string    // changes with either card
}

// A SamePet is an animal that is on both cards.
type SamePet struct {
	Kept, Twin int64 // pet ids
	Apart      bool  // taken for two all the same
}

// A Merge is one that was done.
type Merge struct {
	ID        int64
	OwnerID   int64 // whose card stayed
	OwnerName string
	OwnerCode string
	TwinID    int64 // whose card went into it
	TwinName  string
	TwinCode  string
	At        time.Time
	By        string // the staff member's name
}

// UndoUntil is the end of the time in which the merge can be undone.
func (m Merge) UndoUntil() time.Time { return m.At.Add(MergeUndoTime) }

// A LastMerge is as much of a merge as the card tells that it was made into.
type LastMerge struct {
	ID       int64
	TwinName string
	At       time.Time
}

func (r *Registry) lastMerge(row db.OwnerCardRow) *LastMerge {
	if row.MergeID == nil || !r.undoable(*row.MergedAt) {
		return nil
	}
	return &LastMerge{ID: *row.MergeID, TwinName: row.TwinName, At: row.MergedAt.UTC()}
}

func (r *Registry) undoable(at time.Time) bool { return r.clock.Now().Before(at.Add(MergeUndoTime)) }

// PlanMerge tells what merging would do, and does nothing.
func (r *Registry) PlanMerge(ctx context.Context, by staff.Member, what Merging) (MergePlan, error) {
	if !by.May(staff.RightWriteRegistry) {
		return MergePlan{}, staff.ErrNotAllowed
	}
	var plan MergePlan
	err := by.Scope(r.db).InTx(ctx, func(tx db.Tx) error {
		before, err := r.ledger(ctx, tx, by, what)
		if err != nil {
			return err
		}
		plan = before.plan(what)
		return nil
	})
	if err != nil {
		return MergePlan{}, fmt.Errorf("plan a merge: %w", err)
	}
	if plan.Kept, err = r.card(ctx, by, db.OwnerCardParams{OwnerID: &what.KeptID}); err != nil {
		return MergePlan{}, err
	}
	if plan.Twin, err = r.card(ctx, by, db.OwnerCardParams{OwnerID: &what.TwinID}); err != nil {
		return MergePlan{}, err
	}
	for _, pet := range plan.Twin.Pets {
		if !slices.ContainsFunc(plan.Pairs, func(p SamePet) bool { return p.Twin == pet.ID && !p.Apart }) {
			plan.Moving = append(plan.Moving, pet)
		}
	}
	return plan, nil
}

// Merge puts the twin's card into the one kept: pets, phones, notes, and what only the twin's tells. The twin is found by
// its code only, which now opens the card kept. Under a key that has merged before it merges nothing. It returns the card kept.
func (r *Registry) Merge(ctx context.Context, by staff.Member, what Merging) (Owner, error) {
	if !by.May(staff.RightWriteRegistry) {
		return Owner{}, staff.ErrNotAllowed
	}
	if what.Key == (db.Key{}) {
		return Owner{}, ErrIncomplete
	}
	keptID := what.KeptID
	err := r.inTurn(ctx, by, func(tx db.Tx) error {
		done, err := r.query.MergeByKey(ctx, tx, by.ClinicID, what.Key)
		if !errors.Is(err, pgx.ErrNoRows) {
			keptID = done
			return err
		}
		return r.merge(ctx, tx, by, what)
	})
	if err != nil {
		return Owner{}, fmt.Errorf("merge owners: %w", err)
	}
	return r.card(ctx, by, db.OwnerCardParams{OwnerID: &keptID})
}

// inTurn runs one merge or undoing of a clinic after the other. Somebody who moves a pet at the same moment takes the locks
// in another order: when PostgreSQL breaks the knot here, it is tried again.
func (r *Registry) inTurn(ctx context.Context, by staff.Member, do func(tx db.Tx) error) error {
	const attempts = 1 + deadlocksMost
	for attempt := 1; ; attempt++ {
		err := by.Scope(r.db).InTx(ctx, func(tx db.Tx) error {
			if err := r.query.MergeLock(ctx, tx, by.ClinicID); err != nil {
				return err
			}
			return do(tx)
		})
		if !db.Deadlocked(err) || attempt == attempts {
			return err
		}
	}
}

func (r *Registry) merge(ctx context.Context, tx db.Tx, by staff.Member, what Merging) error {
	l, err := r.ledger(ctx, tx, by, what)
	if err != nil {
		return err
	}
	if what.Seen != "" && what.Seen != l.seen() {
		return ErrMergeOutdated
	}
	pairs := l.chosen(what)
	if err := l.readPointers(ctx, r, tx, by, pairs); err != nil {
		return err
	}
	if err := l.merge(what.KeptID, what.TwinID, pairs); err != nil {
		return err
	}
	moves, err := json.Marshal(l.moves)
	if err != nil {
		return err
	}
	now := r.now()
	_, err = r.query.MergeInsert(ctx, tx, db.MergeInsertParams{
		ClinicID: by.ClinicID, OwnerID: what.KeptID, TwinID: what.TwinID, MergeKey: what.Key, Now: now, StaffID: by.StaffID, Moves: moves,
	})
	if err != nil {
		return err
	}
	if err := r.put(ctx, tx, by, l); err != nil {
		return err
	}
	return r.query.MergeAudit(ctx, tx, l.audit(by, now, "merged", what.KeptID, what.TwinID))
}

// ledger reads and locks both owners with their pets, and refuses those that cannot be merged.
func (r *Registry) ledger(ctx context.Context, tx db.Tx, by staff.Member, what Merging) (*ledger, error) {
	if what.KeptID == what.TwinID {
		return nil, ErrSameCard
	}
	both := []int64{what.KeptID, what.TwinID}
	l := newLedger()
	if err := l.readOwners(ctx, r, tx, db.MergeOwnersParams{ClinicID: by.ClinicID, OwnerIds: both, MergedInto: both[1:]}); err != nil {
		return nil, err
	}
	for _, id := range both {
		owner, there := l.owners[id]
		switch {
		case !there || owner.Deleted:
			return nil, ErrNotFound
		case owner.has("merged_into"):
			return nil, ErrMerged
		}
	}
	return l, l.readPets(ctx, r, tx, db.MergePetsParams{ClinicID: by.ClinicID, OwnerIds: both})
}

// UndoMerge takes a merge back: the twin has their own card again with everything that came from it, and the card kept is
// what it was, but for what has been changed since, which stays. It returns the merge that was undone.
func (r *Registry) UndoMerge(ctx context.Context, by staff.Member, mergeID int64) (Merge, error) {
	if !by.May(staff.RightWriteRegistry) {
		return Merge{}, staff.ErrNotAllowed
	}
	var merge Merge
	err := r.inTurn(ctx, by, func(tx db.Tx) error {
		found, err := r.findMerge(ctx, tx, by, mergeID)
		if err != nil {
			return err
		}
		merge = mergeOf(found)
		return r.undo(ctx, tx, by, found)
	})
	if err != nil {
		return merge, fmt.Errorf("undo a merge: %w", err)
	}
	return merge, nil
}

func (r *Registry) undo(ctx context.Context, tx db.Tx, by staff.Member, found db.MergeFindRow) error {
	var moves []move
	if err := json.Unmarshal(found.Moves, &moves); err != nil {
		return err
	}
	l := newLedger()
	if err := l.readTouched(ctx, r, tx, by, []int64{found.OwnerID, found.TwinID}, moves); err != nil {
		return err
	}
	l.undo(moves)
	now := r.now()
	if err := r.put(ctx, tx, by, l); err != nil {
		return err
	}
	err := r.query.MergeUndo(ctx, tx, db.MergeUndoParams{ClinicID: by.ClinicID, MergeID: found.MergeID, Now: now, StaffID: by.StaffID})
	if err != nil {
		return err
	}
	return r.query.MergeAudit(ctx, tx, l.audit(by, now, "unmerged", found.OwnerID, found.TwinID))
}

// FindMerge returns a merge that can be undone, or says why it cannot: with an error other than ErrNotFound comes the merge.
func (r *Registry) FindMerge(ctx context.Context, by staff.Member, mergeID int64) (Merge, error) {
	if !by.May(staff.RightReadRegistry) {
		return Merge{}, staff.ErrNotAllowed
	}
	found, err := r.findMerge(ctx, by.Scope(r.db), by, mergeID)
	return mergeOf(found), err
}

func (r *Registry) findMerge(ctx context.Context, in db.DBTX, by staff.Member, mergeID int64) (db.MergeFindRow, error) {
	found, err := r.query.MergeFind(ctx, in, by.ClinicID, mergeID)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return found, ErrNotFound
	case err != nil:
		return found, fmt.Errorf("find a merge: %w", err)
	case found.UndoneAt != nil:
		return found, ErrMergeUndone
	case found.OwnerDeletedAt != nil:
		return found, ErrNotFound
	case found.OwnerMergedInto != nil:
		return found, ErrMerged
	case found.Followed:
		return found, ErrMergeFollowed
	case !r.undoable(found.MergedAt):
		return found, ErrMergeTooOld
	}
	return found, nil
}

func mergeOf(found db.MergeFindRow) Merge {
	return Merge{
		ID: found.MergeID, OwnerID: found.OwnerID, OwnerName: found.OwnerName, OwnerCode: found.OwnerCode,
		TwinID: found.TwinID, TwinName: found.TwinName, TwinCode: found.TwinCode, At: found.MergedAt.UTC(), By: found.MergedByName,
	}
}
