//! A cache of the same contract on tonic, as plain as it can be: Get, Put, Touch and
//! BatchGet over a map behind a lock, values shared rather than copied, deadlines seen
//! when an entry is read, and the counters that show a benchmark that its calls were
//! hits. It runs on one thread, to compare one core with one core.
mod store;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tonic::{Request, Response, Status};

use cache::admin_service_server::{AdminService, AdminServiceServer};
use cache::cache_service_server::{CacheService, CacheServiceServer};
use cache::{batch_get_response, get_response, put_response, touch_response};
use contract::krusty::cache::v1 as cache;
use store::Store;

mod contract {
    #![allow(dead_code, clippy::all)]
    tonic::include_proto!("contract");
}

type Answer<T> = Result<Response<T>, Status>;

struct Server {
    store: Arc<Store>,
}

impl Server {
    fn look_up(&self, request: &cache::GetRequest) -> Result<cache::GetResponse, Status> {
        require(&request.key)?;
        let mut response = cache::GetResponse::default();
        let Some(found) = self.store.get(&request.key) else {
            response.set_outcome(get_response::Outcome::Miss);
            return Ok(response);
        };
        response.set_outcome(get_response::Outcome::Hit);
        response.entry = Some(cache::Entry {
            value: found.value,
            revision: found.revision,
            expire_time: found.expires.map(Into::into),
            ..Default::default()
        });
        Ok(response)
    }
}

#[tonic::async_trait]
impl CacheService for Server {
    async fn get(&self, request: Request<cache::GetRequest>) -> Answer<cache::GetResponse> {
        Ok(Response::new(self.look_up(request.get_ref())?))
    }

    async fn put(&self, request: Request<cache::PutRequest>) -> Answer<cache::PutResponse> {
        let request = request.into_inner();
        require(&request.key)?;
        let mut response = cache::PutResponse {
            revision: self.store.put(request.key, request.value),
            ..Default::default()
        };
        response.set_outcome(put_response::Outcome::Stored);
        Ok(Response::new(response))
    }

    async fn touch(&self, request: Request<cache::TouchRequest>) -> Answer<cache::TouchResponse> {
        let request = request.into_inner();
        require(&request.key)?;
        let ttl = Duration::try_from(request.ttl.unwrap_or_default())
            .map_err(|_| Status::invalid_argument("ttl is below zero"))?;
        let expires = SystemTime::now() + ttl;
        let mut response = cache::TouchResponse::default();
        if self.store.touch(&request.key, expires) {
            response.set_outcome(touch_response::Outcome::Touched);
            response.expire_time = Some(expires.into());
        } else {
            response.set_outcome(touch_response::Outcome::NotFound);
        }
        Ok(Response::new(response))
    }

    async fn batch_get(
        &self,
        request: Request<cache::BatchGetRequest>,
    ) -> Answer<cache::BatchGetResponse> {
        let mut results = Vec::with_capacity(request.get_ref().requests.len());
        for one in &request.get_ref().requests {
            results.push(batch_get_response::Result {
                response: Some(self.look_up(one)?),
                status: None,
            });
        }
        Ok(Response::new(cache::BatchGetResponse {
            results,
            failed_count: 0,
        }))
    }

    type WatchStream = tonic::codegen::tokio_stream::Empty<Result<cache::WatchResponse, Status>>;

    async fn watch(&self, _: Request<cache::WatchRequest>) -> Answer<Self::WatchStream> {
        Err(unimplemented())
    }

    async fn delete(&self, _: Request<cache::DeleteRequest>) -> Answer<cache::DeleteResponse> {
        Err(unimplemented())
    }

    async fn increment(
        &self,
        _: Request<cache::IncrementRequest>,
    ) -> Answer<cache::IncrementResponse> {
        Err(unimplemented())
    }

    async fn batch_put(
        &self,
        _: Request<cache::BatchPutRequest>,
    ) -> Answer<cache::BatchPutResponse> {
        Err(unimplemented())
    }

    async fn batch_delete(
        &self,
        _: Request<cache::BatchDeleteRequest>,
    ) -> Answer<cache::BatchDeleteResponse> {
        Err(unimplemented())
    }

    async fn batch_touch(
        &self,
        _: Request<cache::BatchTouchRequest>,
    ) -> Answer<cache::BatchTouchResponse> {
        Err(unimplemented())
    }
}

#[tonic::async_trait]
impl AdminService for Server {
    async fn get_stats(
        &self,
        _: Request<cache::GetStatsRequest>,
    ) -> Answer<cache::GetStatsResponse> {
        let counts = self.store.counts();
        Ok(Response::new(cache::GetStatsResponse {
            revision: counts.revision,
            total: Some(cache::CacheStats {
                entries: counts.entries,
                hits: counts.hits,
                misses: counts.misses,
                puts: counts.puts,
                touches: counts.touches,
                ..Default::default()
            }),
            ..Default::default()
        }))
    }

    async fn list(&self, _: Request<cache::ListRequest>) -> Answer<cache::ListResponse> {
        Err(unimplemented())
    }

    async fn purge(&self, _: Request<cache::PurgeRequest>) -> Answer<cache::PurgeResponse> {
        Err(unimplemented())
    }

    async fn explain(&self, _: Request<cache::ExplainRequest>) -> Answer<cache::ExplainResponse> {
        Err(unimplemented())
    }
}

fn require(key: &str) -> Result<(), Status> {
    if key.is_empty() {
        return Err(Status::invalid_argument("key is empty"));
    }
    Ok(())
}

fn unimplemented() -> Status {
    Status::unimplemented("not a part of the benchmark")
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port: u16 = std::env::args()
        .nth(1)
        .ok_or("usage: krusty-bench-tonic PORT")?
        .parse()?;
    let store = Arc::new(Store::default());
    let service = || Server {
        store: store.clone(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(
        tonic::transport::Server::builder()
            .add_service(CacheServiceServer::new(service()))
            .add_service(AdminServiceServer::new(service()))
            .serve(([127, 0, 0, 1], port).into()),
    )?;
    Ok(())
}
