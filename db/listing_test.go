package db_test

import (
	"context"
	"regexp"
	"slices"
	"testing"
	"time"

	"vetalyze/db"
)

// TestWhatListsReadIsNoted holds every table that a list on the replica is made of to having its writes noted: without that,
// nobody would be sure to see their own.
func TestWhatListsReadIsNoted(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	query, ctx := db.New(), t.Context()
	clinic, platform := h.db.Clinic(ours).Listing(), h.db.Platform().Listing()
	for name, list := range map[string]struct {
		ask     func(ctx context.Context) error
		notes   string   // the function that notes a write
		follows []string // tables that follow from those that are noted, in the same transaction
	}{
		"OwnerPage": {func(ctx context.Context) error {
			_, err := query.OwnerPage(ctx, clinic, db.OwnerPageParams{ClinicID: ours, AtMost: 1})
			return err
		}, "clinic_written", []string{"owner_counts"}},
		"OwnerPageBefore": {func(ctx context.Context) error {
			_, err := query.OwnerPageBefore(ctx, clinic, db.OwnerPageBeforeParams{ClinicID: ours, AtMost: 1})
			return err
		}, "clinic_written", []string{"owner_counts"}},
		"OwnerSearch": {func(ctx context.Context) error {
			_, err := query.OwnerSearch(ctx, clinic, db.OwnerSearchParams{ClinicID: ours, Typed: "ahmed", AtMost: 1})
			return err
		}, "clinic_written", []string{"search_terms"}},
		"OwnerSearchNear": {func(ctx context.Context) error {
			_, err := query.OwnerSearchNear(ctx, clinic, db.OwnerSearchNearParams{ClinicID: ours, Typed: "ahmed", AtMost: 1})
			return err
		}, "clinic_written", []string{"search_terms"}},
		"ReportRegistry": {func(ctx context.Context) error {
			_, err := query.ReportRegistry(ctx, clinic, "UTC", ours)
			return err
		}, "clinic_written", nil},
		"ReportChannels": {func(ctx context.Context) error {
			_, err := query.ReportChannels(ctx, clinic, ours)
			return err
		}, "clinic_written", nil},
		"StandingPage": {func(ctx context.Context) error {
			_, err := query.StandingPage(ctx, platform, db.StandingPageParams{Now: time.Now(), PageSize: 1})
			return err
		}, "platform_written", nil},
		"SubscriptionsByEnd": {func(ctx context.Context) error {
			_, err := query.SubscriptionsByEnd(ctx, platform, db.SubscriptionsByEndParams{Now: time.Now(), PageSize: 1})
			return err
		}, "platform_written", nil},
	} {
		watched, trips := db.Watch(ctx)
		if err := list.ask(watched); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		statement := trips.Statements()[0]
		plan := column[string](t, h.root, "EXPLAIN (FORMAT JSON) "+statement.SQL, statement.Args...)[0]
		noted := column[string](t, h.root, `SELECT tgrelid::regclass::text FROM pg_trigger
		                                    WHERE tgfoid = $1::text::regproc AND tgtype & 28 = 28`, list.notes) // insert, update, delete
		for _, table := range tablesOf(plan) {
			if !slices.Contains(noted, table) && !slices.Contains(list.follows, table) {
				t.Errorf("%s reads %s, whose writes are not noted by %s", name, table, list.notes)
			}
		}
	}
}

// tablesOf are the tables in a plan.
func tablesOf(plan string) (tables []string) {
	for _, found := range regexp.MustCompile(`"Relation Name": "(\w+)"`).FindAllStringSubmatch(plan, -1) {
		tables = append(tables, found[1])
	}
	return tables
}
