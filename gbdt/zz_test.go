package gbdt_test
import ("testing";"os";"context";"time";"encoding/binary";"bytes";"github.com/medtech-detect/sepsis/gbdt")
func TestZZ(t *testing.T){
 rows,cols:=400000,200
 m,y:=synthetic(rows,cols,0.3,9)
 w:=func(p string, v []float32){var b bytes.Buffer; binary.Write(&b,binary.LittleEndian,v); os.WriteFile(p,b.Bytes(),0o644)}
 w("/tmp/cmp/x.f32",m.Values); w("/tmp/cmp/y.f32",y)
 s:=time.Now(); d,_:=gbdt.NewDataset(m,256,2); t.Log("dataset",time.Since(s))
 n:=rows*4/5
 for name,o:=range map[string]gbdt.Options{"full":{},"uni.3col.5":{RowSample:.3,ColumnSample:.5},"mvs.3col.5":{RowSample:.3,ColumnSample:.5,Sampling:gbdt.GradientBased},"mvs.15col.5":{RowSample:.15,ColumnSample:.5,Sampling:gbdt.GradientBased}}{
  o.Rounds=40;o.LearningRate=.1;o.MaxDepth=6;o.Lambda=1;o.MinChildWeight=1;o.Threads=2;o.Seed=1
  s:=time.Now()
  valid:=gbdt.Subset{Rows:allRows(rows)[n:],Labels:y}
  var last gbdt.Progress
  if _,err:=gbdt.Train(context.Background(),d,gbdt.Subset{Rows:allRows(n),Labels:y},&valid,o,func(p gbdt.Progress){last=p}); err!=nil{t.Fatal(err)}
  t.Log(name,"s/round",time.Since(s).Seconds()/40,last.ValidLoss)
 }}
