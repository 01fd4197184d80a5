// Package monitor watches a model in use: whether what comes in and what goes out is still like the training, and
// whether what it says turns out to be true.
//
// What is compared is the state at the last observation of each request, because that is what a prediction is of: for
// each measurement its latest value of 24 hours, or that there is none. The training's reference is of patient-hours. A
// service that is asked every hour for every patient with the history can be compared with it; one that is sent
// single observations, or asked about some patients more than about others, differs for that reason alone.
package monitor
