package reminder

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Step is a day on which clinic owners are reminded, for plans of at least so many days.
type Step struct {
	Days     int // from the first day without the term; before it: negative
	PlanDays int
}

// DefaultSteps are those of the platform: early ones for long plans, few for very short ones.
const DefaultSteps = "30:180,14:180,7:14,3,1,0,+1,+3:14,+7:14"

// mostDays is the farthest a step may be from the end.
const mostDays = 366

// ParseSteps reads steps as operators write them: days before the end ("7"), the end itself ("0") and days after it ("+1"), each
// with the least days of a plan it is for ("30:180").
func ParseSteps(text string) ([]Step, error) {
	var steps []Step
	for part := range strings.SplitSeq(text, ",") {
		days, plan, limited := strings.Cut(strings.TrimSpace(part), ":")
		n, err := strconv.Atoi(days)
		if err != nil || strings.HasPrefix(days, "-") || n > mostDays {
			return nil, fmt.Errorf("%q is not a number of days, such as 7 before the end, 0 or +1 after it", days)
		}
		step := Step{Days: -n}
		if strings.HasPrefix(days, "+") {
			step.Days = n
		}
		if limited {
			if step.PlanDays, err = strconv.Atoi(plan); err != nil || step.PlanDays < 0 {
				return nil, fmt.Errorf("%q is not the length of a plan in days", plan)
			}
		}
		if slices.ContainsFunc(steps, func(other Step) bool { return other.Days == step.Days }) {
			return nil, fmt.Errorf("%q stands there twice", days)
		}
		steps = append(steps, step)
	}
	return steps, nil
}

// Quiet are the hours in which nothing is sent, from one on until another: 21 and 9.
type Quiet struct{ From, Until int }

// ParseQuiet reads hours as operators write them: "21-9".
func ParseQuiet(text string) (Quiet, error) {
	from, until, _ := strings.Cut(text, "-")
	var q Quiet
	var errs [2]error
	q.From, errs[0] = strconv.Atoi(from)
	q.Until, errs[1] = strconv.Atoi(until)
	if errors.Join(errs[:]...) != nil || min(q.From, q.Until) < 0 || max(q.From, q.Until) > 23 || q.From == q.Until {
		return Quiet{}, fmt.Errorf("%q is not two different hours, such as 21-9", text)
	}
	return q, nil
}

// Covers says whether an hour is quiet.
func (q Quiet) Covers(hour int) bool {
	if q.From <= q.Until {
		return q.From <= hour && hour < q.Until
	}
	return hour >= q.From || hour < q.Until
}

// After returns t, or when the quiet hours in which t lies are over.
func (q Quiet) After(t time.Time, zone *time.Location) time.Time {
	local := t.In(zone)
	if !q.Covers(local.Hour()) {
		return t
	}
	year, month, day := local.Date()
	if local.Hour() >= q.Until {
		day++
	}
	return time.Date(year, month, day, q.Until, 0, 0, 0, zone).UTC()
}
