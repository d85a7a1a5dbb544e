package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"vetalyze/internal/embedded/pgtest"
)

var update = flag.Bool("update", false, "write the table of docs/operations/metrics.md anew")

const operationsDocs = "../../docs/operations/"

// TestMetricsDocs holds what operators are given to what a house that has handled something shows: every metric and label
// that the dashboard and the alerts ask for is there, and the table tells of every metric.
func TestMetricsDocs(t *testing.T) {
	t.Parallel()
	o := newOpenHouse(t, pgtest.URL(t), 0)
	receptionist := o.receptionist()
	receptionist.Send("/register Ahmed Ali, 0100 123 4567; Rex dog 2y")
	o.settle()
	o.tap(receptionist, "✅ Save")
	receptionist.Send("Ahmed")
	receptionist.Send("/ahmed_ali")
	o.settle()
	last, _ := receptionist.Last()
	o.must(receptionist.TapData(last.ID, "ahmed:1"))
	o.settle()
	_, text := o.get("/metrics")
	if i := strings.Index(strings.ToLower(text), "ahmed"); i >= 0 {
		t.Errorf("the metrics have a label that somebody typed: %.200s", text[max(0, i-100):])
	}
	families := readFamilies(text)

	t.Run("dashboard", func(t *testing.T) { checkExpressions(t, families, dashboardExpressions(t)) })
	t.Run("alerts", func(t *testing.T) { checkExpressions(t, families, alertExpressions(t)) })
	t.Run("table", func(t *testing.T) { checkTable(t, families) })
}

// A family is a metric with all its series.
type family struct {
	name, kind, help string
	labels           []string // sorted; without a histogram's "le"
}

var sample = regexp.MustCompile(`^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S+$`)

// readFamilies reads what /metrics answers.
func readFamilies(text string) map[string]*family {
	families := map[string]*family{}
	var current *family
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if rest, ok := strings.CutPrefix(line, "# HELP "); ok {
			name, help, _ := strings.Cut(rest, " ")
			current = &family{name: name, help: help}
			families[name] = current
		} else if rest, ok := strings.CutPrefix(line, "# TYPE "); ok {
			_, current.kind, _ = strings.Cut(rest, " ")
		} else if found := sample.FindStringSubmatch(line); found != nil {
			for _, label := range labelNames(found[2]) {
				if label != "le" && !slices.Contains(current.labels, label) {
					current.labels = append(current.labels, label)
				}
			}
			slices.Sort(current.labels)
		}
	}
	return families
}

var labelName = regexp.MustCompile(`([a-zA-Z_]\w*)\s*(?:=~|!~|!=|=)\s*"`)

// labelNames are those of a selector, or of a sample.
func labelNames(selector string) []string {
	var names []string
	for _, found := range labelName.FindAllStringSubmatch(selector, -1) {
		names = append(names, found[1])
	}
	return names
}

// has says whether a series of that name, with such a label, is among the families.
func has(families map[string]*family, series, label string) bool {
	base := series
	for _, suffix := range []string{"_bucket", "_sum", "_count"} {
		if cut, ok := strings.CutSuffix(series, suffix); ok && families[cut] != nil && families[cut].kind == "histogram" {
			base = cut
		}
	}
	found, ok := families[base]
	switch {
	case series == "up": // Prometheus's own
		return label == "" || label == "job" || label == "instance"
	case !ok || base == series && found.kind == "histogram":
		return false
	case label == "" || label == "job" || label == "instance": // given by Prometheus
		return true
	case label == "le":
		return strings.HasSuffix(series, "_bucket")
	}
	return slices.Contains(found.labels, label)
}

var (
	grouping  = regexp.MustCompile(`\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)`)
	textual   = regexp.MustCompile(`"[^"]*"`)
	selector  = regexp.MustCompile(`\b([a-zA-Z_:][\w:]*)(\s*\{[^}]*\})?(\s*\()?`)
	operators = []string{"and", "or", "unless", "bool", "offset"}
)

// checkExpressions finds the metrics and labels that PromQL expressions ask for among the families.
func checkExpressions(t *testing.T, families map[string]*family, expressions []string) {
	t.Helper()
	if len(expressions) < 10 {
		t.Fatalf("only %d expressions were found", len(expressions))
	}
	for _, expression := range expressions {
		var asked []string
		bare := regexp.MustCompile(`\[[^\]]*\]`).ReplaceAllString(expression, "")
		for _, found := range selector.FindAllStringSubmatch(grouping.ReplaceAllString(bare, ""), -1) {
			name, labels, call := found[1], found[2], found[3]
			if call != "" || slices.Contains(operators, name) || !strings.Contains(textual.ReplaceAllString(bare, ""), name) {
				continue
			}
			asked = append(asked, name)
			for _, label := range append(labelNames(labels), "") {
				if !has(families, name, label) {
					t.Errorf("there is no %s{%s}, asked for in\n%s", name, label, expression)
				}
			}
		}
		if len(asked) == 0 {
			t.Errorf("no metric is asked for in\n%s", expression)
		}
		for _, found := range grouping.FindAllStringSubmatch(bare, -1) {
			for label := range strings.SplitSeq(found[1], ",") {
				label = strings.TrimSpace(label)
				if !slices.ContainsFunc(asked, func(name string) bool { return has(families, name, label) }) {
					t.Errorf("nothing has the label %s, by which this is grouped:\n%s", label, expression)
				}
			}
		}
	}
}

// dashboardExpressions are those of all panels; the panels must be told apart and lie side by side.
func dashboardExpressions(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(operationsDocs + "grafana-dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Title, UID    string
		SchemaVersion int
		Annotations   struct{ List []struct{ Expr string } }
		Panels        []struct {
			ID          int
			Title, Type string
			GridPos     struct{ X, Y, W, H int }
			Targets     []struct{ RefID, Expr string }
		}
	}
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}
	if dashboard.Title == "" || dashboard.UID == "" || dashboard.SchemaVersion == 0 {
		t.Error("the dashboard lacks its title, uid or schema version")
	}
	var expressions []string
	taken, ids := map[[2]int]string{}, map[int]bool{}
	for _, panel := range dashboard.Panels {
		if ids[panel.ID] || panel.Title == "" || panel.Type != "row" && len(panel.Targets) == 0 {
			t.Errorf("panel %d (%s) has a second one's id, no title, or shows nothing", panel.ID, panel.Title)
		}
		ids[panel.ID] = true
		at := panel.GridPos
		for x := at.X; x < at.X+at.W; x++ {
			for y := at.Y; y < at.Y+at.H; y++ {
				if other := taken[[2]int{x, y}]; other != "" || x >= 24 {
					t.Fatalf("%q lies on %q, or beside the page", panel.Title, other)
				}
				taken[[2]int{x, y}] = panel.Title
			}
		}
		for _, target := range panel.Targets {
			expressions = append(expressions, target.Expr)
		}
	}
	for _, annotation := range dashboard.Annotations.List {
		expressions = append(expressions, annotation.Expr)
	}
	return expressions
}

// alertExpressions are those of all rules; each must tell whom it concerns and what to do.
func alertExpressions(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(operationsDocs + "alerts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var rules struct {
		Groups []struct {
			Name  string
			Rules []struct {
				Alert, Expr, For    string
				Labels, Annotations map[string]string
			}
		}
	}
	decoder := yaml.NewDecoder(strings.NewReader(string(text)))
	decoder.KnownFields(true)
	if err := decoder.Decode(&rules); err != nil {
		t.Fatal(err)
	}
	var expressions []string
	for _, group := range rules.Groups {
		for _, rule := range group.Rules {
			expressions = append(expressions, rule.Expr)
			severity := rule.Labels["severity"]
			if severity != "page" && severity != "ticket" || rule.Annotations["summary"] == "" || rule.Annotations["description"] == "" {
				t.Errorf("%s lacks its severity, its summary or what to do", rule.Alert)
			}
		}
	}
	return expressions
}

const (
	tableBegins = "<!-- the table is written by: go test ./cmd/vetalyze -run MetricsDocs -update -->\n"
	tableEnds   = "<!-- end of the table -->\n"
)

// checkTable compares the table with the families that are ours.
func checkTable(t *testing.T, families map[string]*family) {
	t.Helper()
	path := operationsDocs + "metrics.md"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begun := strings.Cut(string(text), tableBegins)
	got, after, ended := strings.Cut(rest, tableEnds)
	if !begun || !ended {
		t.Fatal("metrics.md has no place for the table")
	}
	want := table(families)
	if *update {
		if err := os.WriteFile(path, []byte(before+tableBegins+want+tableEnds+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("metrics.md is not up to date; run this test with -update (-want +got)\n%s", diff)
	}
}

// table tells of the families that are ours, in order of their names.
func table(families map[string]*family) string {
	var rows []string
	for _, name := range slices.Sorted(maps.Keys(families)) {
		f := families[name]
		if strings.HasPrefix(name, "go_") || strings.HasPrefix(name, "process_") {
			continue
		}
		labels := make([]string, len(f.labels))
		for i, label := range f.labels {
			labels[i] = "`" + label + "`"
		}
		rows = append(rows, fmt.Sprintf("| `%s` | %s | %s | %s |\n", name, f.kind, strings.Join(labels, ", "), f.help))
	}
	return "| metric | kind | labels | what it tells |\n|---|---|---|---|\n" + strings.Join(rows, "")
}
