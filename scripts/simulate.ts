import { simulate } from '../test/simulation/simulate.ts';
const [from,to,days]=process.argv.slice(2).map(Number) as [number,number,number];
const t=performance.now(); const by=new Map<string,string[]>(); let runs=0,ticks=0,steps=0;
for(let seed=from;seed<=to;seed++){const r=await simulate({seed,days});runs+=r.runs;ticks+=r.ticks;steps+=r.steps;
 if(r.violation){const k=r.violation.invariant;by.set(k,[...(by.get(k)??[]),`${seed}: ${r.violation.message.slice(0,170)}`]);}}
for(const [k,v] of by){console.log('==',k,v.length);for(const x of v.slice(0,6))console.log('   ',x);}
console.log({runs,ticks,steps,ms:Math.round((performance.now()-t)/(to-from+1))});
